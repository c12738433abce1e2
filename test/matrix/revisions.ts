// The five revisions, as far as they differ in what the matrix looks at (changelogs of each revision).

export const REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"] as const;

export type Revision = (typeof REVISIONS)[number];

/** What a server may ask a client for in the middle of a call. */
export type Kind = "form" | "url" | "sampling" | "roots";

/** 2026-07-28 keeps no session: a server asks by `input_required`, and a client that hangs up has cancelled. */
export const isStateless = (revision: Revision): boolean => revision === "2026-07-28";

/** The revision that brought a kind of question. All kinds are older than the matrix, but for elicitation. */
const SINCE: Readonly<Record<Kind, Revision>> = {
  sampling: "2024-11-05",
  roots: "2024-11-05",
  form: "2025-06-18",
  url: "2025-11-25",
};

/** Whether a revision has this kind of question. */
export const asks = (revision: Revision, kind: Kind): boolean => revision >= SINCE[kind];

/** What a client of this revision declares: everything its revision has. */
export function capabilitiesOf(revision: Revision): Record<string, object> {
  const elicitation = asks(revision, "url") ? { form: {}, url: {} } : {};
  return { sampling: {}, roots: {}, ...(asks(revision, "form") ? { elicitation } : {}) };
}

/** Whether a stream that broke off can be taken up again with Last-Event-ID. */
export const resumes = (revision: Revision): boolean => revision > "2024-11-05" && !isStateless(revision);

/** Whether each request names the revision in MCP-Protocol-Version. */
export const namesItself = (revision: Revision): boolean => revision >= "2025-06-18";
