// The table of routes is all there is: nothing is served beside it, and what asks for no permission is named here, with
// the reason.
import { describe, expect, it } from "vitest";
import { DOORS } from "../../src/api/doors.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { rest } from "../../src/app.ts";

const named = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.replace(/^\/v1(?=\/)/, "")}`;
const declared = new Set([...ROUTES, ...DOORS].map(named));

/** Routes that ask for no permission. */
const OPEN: Readonly<Record<string, string>> = {
  "GET /health": "says only that the Worker runs",
  "GET /ready": "says only whether it can serve",
  "POST /auth/session": "the token in its body is the credential",
  "DELETE /auth/session": "who has no session loses nothing",
  "POST /auth/logout": "who has no session loses nothing",
  "POST /auth/login": "the password in its body is the credential",
  "POST /auth/email/login": "the password in its body is the credential",
  "GET /auth/claim": "says only whether somebody owns the gateway, and how to prove it",
  "POST /auth/claim": "the proof of ownership in its body is the credential",
  "GET /auth/session": "is about the caller, and asks for one",
  "GET /auth/me": "is about the caller, and asks for one",
  "GET /auth/email/me": "is about the caller, and asks for one",
  "PUT /auth/me": "is about the caller, and asks for a login",
  "GET /search": "asks for a credential, and searches what its holder has the permission to read",
  "GET /saved-filters": "is about the caller, and asks for one",
  "POST /saved-filters": "is about the caller, and asks for one",
  "DELETE /saved-filters/:id": "is about the caller, and asks for one",
  "GET /auth/sessions": "is about the caller, and asks for one",
  "DELETE /auth/sessions": "is about the caller, and asks for a login",
  "DELETE /auth/sessions/:id": "is about the caller, and asks for a login",
  "POST /auth/email/change-password": "is about the caller, and asks for a login and the old password",
  "POST /auth/email/forgot-password": "answers everybody alike",
  "GET /auth/email/reset-password/:token": "the secret in the link is the credential",
  "POST /auth/email/reset-password/:token": "the secret in the link is the credential",
  "POST /auth/email/register": "is off unless an operator lets people in",
};

describe("the table of routes", () => {
  it("has every route that is served", () => {
    const served = rest.routes.filter(({ method }) => method !== "ALL").map(named);
    expect(served.length).toBeGreaterThan(50);
    expect([...new Set(served)].filter((route) => !declared.has(route))).toEqual(["GET /"]);
  });

  it("asks for a permission, but where it is said why not", () => {
    const open = [...ROUTES, ...DOORS].filter(({ permission }) => permission === undefined).map(named);
    expect(open.toSorted()).toEqual(Object.keys(OPEN).toSorted());
  });
});
