// The chain that audit rows form: each names the digest of the row before it, so that none can be changed, taken out,
// put in or moved without breaking what follows. Anybody with a copy of the rows can check it:
//
//   hash = SHA-256, in lower-case hex, of the UTF-8 text of the JSON array
//          [prev_hash, at, actor, action, target_type, target_id, detail, request_id, ip]
//
// written as JSON.stringify writes it (no white space, only what must be escaped is; Python's json.dumps with
// ensure_ascii=False and separators=(",", ":")). Each member is the column's text; `detail` is the stored JSON text as one
// string; `ip` is null where it is null. The first row's prev_hash is 64 zeros. Ids are not part of the digest: rows are
// chained in the order of their ids. Rows from before there was a chain have neither hash, and precede it.
//
// The chain holds no secret. Whoever can write to the database can write a new chain, or cut off its end; the digest of
// the newest row, kept elsewhere, shows that.

/** `prev_hash` of the first row. */
export const GENESIS = "0".repeat(64);

/** What a digest is made of; texts as they are stored. */
export interface Sealed {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  readonly detail: string;
  readonly requestId: string;
  readonly ip: string | null;
}

/** A row as it is stored. */
export interface Link extends Sealed {
  readonly id: number;
  readonly prevHash: string | null;
  readonly hash: string | null;
}

/** The digest of a row that follows the row with the digest `prevHash`. */
export async function digestOf(prevHash: string, row: Sealed): Promise<string> {
  const { at, actor, action, targetType, targetId, detail, requestId, ip } = row;
  const text = JSON.stringify([prevHash, at, actor, action, targetType, targetId, detail, requestId, ip]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}

/** What a check has found so far. `head`: digest of the newest row that was checked. */
export interface Verdict {
  readonly intact: boolean;
  readonly rows: number;
  readonly beforeChain: number;
  readonly head: string | null;
  readonly broken: { readonly id: number; readonly reason: string } | null;
}

export const UNCHECKED: Verdict = { intact: true, rows: 0, beforeChain: 0, head: null, broken: null };

/** Goes on checking with the rows that follow, in the order of their ids, up to the first that does not fit. */
export async function checked(verdict: Verdict, rows: readonly Link[]): Promise<Verdict> {
  const digests = await Promise.all(rows.map((row) => digestOf(row.prevHash ?? "", row)));
  for (const [index, row] of rows.entries()) {
    if (verdict.rows === 0 && row.hash === null && row.prevHash === null) {
      verdict = { ...verdict, beforeChain: verdict.beforeChain + 1 };
      continue;
    }
    const reason = misfit(verdict.head, row, digests[index]);
    if (reason !== undefined) return { ...verdict, intact: false, broken: { id: row.id, reason } };
    verdict = { ...verdict, rows: verdict.rows + 1, head: row.hash };
  }
  return verdict;
}

/** Why a row does not fit behind the row with the digest `head`; undefined when it does. */
function misfit(head: string | null, row: Link, digest: string | undefined): string | undefined {
  if (row.hash === null || row.prevHash === null) return "It has no digest, although the chain had begun";
  if (row.hash !== digest) return "It was changed: its digest is another";
  if (row.prevHash === (head ?? GENESIS)) return undefined;
  return head === null
    ? "The chain does not begin with it: rows before it are missing"
    : "It does not follow the row before it: a row was taken out, put in or moved";
}
