import { describe, expect, it } from "vitest";
import { csvRecord } from "../../src/lib/csv.ts";

describe("a CSV record", () => {
  it("quotes what has commas, quotes or line breaks, and doubles quotes (RFC 4180 §2)", () => {
    expect(csvRecord(["plain", 'a "word"', "a,b", "two\nlines", "two\r\nlines", "", null, 7])).toBe(
      'plain,"a ""word""","a,b","two\nlines","two\r\nlines",,,7\r\n',
    );
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("makes no formula of %j", (text) => {
    expect(csvRecord([text])).toMatch(/^"?'/);
  });

  it("leaves numbers and texts that merely contain such signs as they are", () => {
    expect(csvRecord([-1, "a=b", "ann@example.com"])).toBe("-1,a=b,ann@example.com\r\n");
  });
});
