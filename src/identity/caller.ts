// Who is calling: the authenticated principal every door passes on.

/** A caller. `scope` narrows what its user may do; it never widens it. */
export interface Caller {
  readonly kind: "user" | "anonymous";
  /** Stable name of the principal, for sealing sessions and keying caches: an e-mail address, or `anonymous`. */
  readonly id: string;
  readonly admin: boolean;
  readonly scope?: TokenScope;
  /** The token's `jti`, when it has one. */
  readonly tokenId?: string;
  /** Seconds since 1970 after which the credential is void. */
  readonly expiresAt?: number;
}

/** Claims of a scoped token: one virtual server, or some permissions, or both. */
export interface TokenScope {
  readonly serverId?: string;
  readonly permissions?: readonly string[];
}

/** Somebody without a credential: sees open virtual servers and nothing else. */
export const ANONYMOUS: Caller = { kind: "anonymous", id: "anonymous", admin: false };

/** Which entities a caller sees: all, or public ones and its own. */
export type Sight = "everything" | { readonly owner: string };

/** The sight of a caller. */
export const sightOf = (caller: Caller): Sight => (caller.admin ? "everything" : { owner: caller.id });
