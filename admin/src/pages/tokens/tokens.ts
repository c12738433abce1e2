// What the dashboard asks and tells the gateway about API tokens.
import type { z } from "zod";
import type {
  TokenCreate,
  TokenRead,
  TokenUpdate,
  tokenCreated,
  tokenUsageRead,
} from "../../../../src/schemas/tokens.ts";
import { get, send } from "../../api.ts";
import type { Source } from "../../parts/listing.tsx";
import type { Entity } from "../../parts/table.tsx";
import { me } from "../../session.ts";
import { source } from "../access/source.ts";

export type { TokenCreate, TokenRead };
export type Token = TokenRead & Entity;
export type Usage = z.infer<typeof tokenUsageRead>;
export type Made = z.infer<typeof tokenCreated>;

const TOKENS = "/tokens";

const below = (id: string, rest = ""): string => `${TOKENS}/${encodeURIComponent(id)}${rest}`;

const asToken = (raw: TokenRead): Token => ({ ...raw, enabled: raw.status === "active" });

const spec = { kind: "tokens", under: "tokens", byOffset: true, row: asToken } as const;
const MINE = source({ ...spec, path: TOKENS });
const EVERYBODYS = source({ ...spec, path: `${TOKENS}/admin/all` });

/** The person's own tokens, or with `everybody` all. */
export const SOME_TOKENS: Source<Token> = {
  kind: "tokens",
  load: ({ everybody, ...query }, signal) => (everybody ? EVERYBODYS : MINE).load(query, signal),
};

/** One token of the person's own, or for administrators of anybody's. */
export async function getToken(id: string, everybody: boolean, signal: AbortSignal): Promise<Token> {
  return asToken(await get<TokenRead>(everybody ? `${TOKENS}/admin/${encodeURIComponent(id)}` : below(id), signal));
}

/** Makes a token; the answer holds its secret, once. */
export const addToken = (body: TokenCreate): Promise<Made> => send("POST", TOKENS, { body });

export const changeToken = (id: string, body: TokenUpdate, ifMatch?: number): Promise<TokenRead> =>
  send("PUT", below(id), { body, ifMatch });

/** Puts a new secret in the place of a token's; the old one works on for so many hours. */
export const rotateToken = (id: string, overlap_hours: number): Promise<Made> =>
  send("POST", below(id, "/rotate"), { body: { overlap_hours } });

/** Ends a token for good, the person's own or anybody's. */
export const revokeToken = (token: Token, reason: string | null): Promise<unknown> =>
  isMine(token)
    ? send("POST", below(token.id, "/revoke"), { body: { reason } })
    : send("DELETE", `${TOKENS}/admin/${encodeURIComponent(token.id)}`, { body: { reason } });

export const usageOf = (id: string, days: number, signal: AbortSignal): Promise<Usage> =>
  get(below(id, `/usage?days=${days}`), signal);

export const isMine = (token: Pick<TokenRead, "user_email">): boolean => token.user_email === me()?.email;
