import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { ANONYMOUS, type Caller } from "../../src/identity/caller.ts";
import { PERMISSIONS, roleNamed } from "../../src/identity/permissions.ts";
import { callerFor } from "../../src/identity/standing.ts";
import { can, type Permission, permit, requireCaller, type Target, type Verdict } from "../../src/policy/can.ts";

const user = (email: string, grants: readonly string[], teams: Record<string, string> = {}): Caller =>
  callerFor(
    {
      email,
      admin: grants.includes("*"),
      active: true,
      mustChangePassword: false,
      access: {
        everywhere: new Set(grants),
        teams: new Map(
          Object.entries(teams).map(([id, role]) => [id, { permissions: new Set(roleNamed(role).permissions) }]),
        ),
      },
    },
    { credential: "session" },
  );
const EVERYBODY = roleNamed("platform_viewer").permissions;
const admin = user("admin@example.com", ["*"]);
const ann = user("ann@example.com", EVERYBODY);
const bob = user("bob@example.com", EVERYBODY);
const scoped = (caller: Caller, scope: Caller["scope"]): Caller => ({ ...caller, ...(scope ? { scope } : {}) });

const server = (visibility: Target["visibility"], more: Partial<Target> = {}): Target => ({
  visibility,
  ownerEmail: ann.id,
  teamId: null,
  serverId: "s1",
  ...more,
});

describe("can", () => {
  it.each<[string, Verdict, Caller, Permission, Target | undefined]>([
    ["the administrator change the catalog", "yes", admin, "gateways.delete", undefined],
    ["the administrator use somebody's private virtual server", "yes", admin, "servers.use", server("private")],
    ["the administrator read the administration", "yes", admin, "admin.read", undefined],

    ["a user read the catalog", "yes", ann, "tools.read", undefined],
    ["a user use a public virtual server of another", "yes", bob, "servers.use", server("public")],
    ["a user use a private virtual server of their own", "yes", ann, "servers.use", server("private")],
    ["a user see a private virtual server of another", "hidden", bob, "servers.use", server("private")],
    ["a user see a team's virtual server without being in the team", "hidden", bob, "servers.use", server("team")],
    ["a user change what they see", "forbidden", bob, "tools.update", server("public")],
    ["a user change what they own", "yes", ann, "servers.delete", server("private")],
    ["a user read the administration", "forbidden", ann, "admin.read", undefined],
    ["a user learn by changing that something hidden exists", "hidden", bob, "tools.delete", server("private")],

    ["anybody use an open virtual server", "yes", ANONYMOUS, "servers.use", server("private", { open: true })],
    ["anybody use a public virtual server that is not open", "hidden", ANONYMOUS, "servers.use", server("public")],
    [
      "anybody read an open virtual server's record",
      "hidden",
      ANONYMOUS,
      "servers.read",
      server("public", { open: true }),
    ],
    ["anybody read the catalog", "hidden", ANONYMOUS, "tools.read", undefined],
  ])("asked to let %s, says: %s", (_who, verdict, caller, permission, target) => {
    expect(can(caller, permission, target)).toBe(verdict);
  });

  it.each<[string, Verdict, Caller["scope"], Permission, Target | undefined]>([
    ["of this virtual server used on it", "yes", { serverIds: ["s1"] }, "servers.use", server("public")],
    [
      "of this virtual server used on another it could see",
      "insufficient_scope",
      { serverIds: ["s2"] },
      "servers.use",
      server("public"),
    ],
    ["of this virtual server used on a hidden one", "hidden", { serverIds: ["s2"] }, "servers.use", server("private")],
    [
      "of this virtual server used on the catalog",
      "insufficient_scope",
      { serverIds: ["s1"] },
      "tools.read",
      undefined,
    ],
    [
      "of this virtual server used on all there is",
      "insufficient_scope",
      { serverIds: ["s1"] },
      "servers.use",
      undefined,
    ],
    ["with the permission", "yes", { permissions: ["tools.read"] }, "tools.read", undefined],
    ["with another permission", "insufficient_scope", { permissions: ["tools.read"] }, "prompts.read", undefined],
    ["with every verb of the noun", "yes", { permissions: ["tools.*"] }, "tools.read", undefined],
    [
      "with every verb of a noun whose name begins alike",
      "insufficient_scope",
      { permissions: ["tool.*"] },
      "tools.read",
      undefined,
    ],
    ["with everything", "yes", { permissions: ["*"] }, "tools.read", undefined],
    ["with everything, on what its user may not do", "forbidden", { permissions: ["*"] }, "users.create", undefined],
    ["with no permission at all", "insufficient_scope", { permissions: [] }, "tools.read", undefined],
  ])("asked for a user's token %s, says: %s", (_what, verdict, scope, permission, target) => {
    expect(can(scoped(bob, scope), permission, target)).toBe(verdict);
  });

  it("grants a scoped token nothing that its user has not", () => {
    const permission = fc.constantFrom(...PERMISSIONS);
    const grant = fc.oneof(permission, fc.constantFrom("*", "tools.*", "admin.*"));
    const scope = fc.record(
      { serverIds: fc.subarray(["s1", "s2"], { minLength: 1 }), permissions: fc.array(grant) },
      { requiredKeys: [] },
    );
    const target = fc.option(
      fc.record({
        visibility: fc.constantFrom("private", "team", "public"),
        ownerEmail: fc.constantFrom(ann.id, bob.id),
        teamId: fc.constant(null),
        serverId: fc.constantFrom("s1", "s2"),
      }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(admin, ann, bob, ANONYMOUS),
        scope,
        permission,
        target,
        (caller, narrowed, wanted, on) => {
          if (can(caller, wanted, on as Target) !== "yes")
            expect(can(scoped(caller, narrowed), wanted, on as Target)).not.toBe("yes");
        },
      ),
    );
  });
});

describe("permit", () => {
  const failure = (work: () => void): GatewayError => {
    try {
      work();
    } catch (error) {
      if (error instanceof GatewayError) return error;
    }
    throw new Error("nothing was refused");
  };

  it("passes what is allowed", () => {
    expect(permit(ann, "tools.read", "Page")).toBeUndefined();
  });

  it("hides with 404 and no word about permissions", () => {
    const refused = failure(() => permit(bob, "servers.use", "Server", server("private")));
    expect([refused.status, refused.message, refused.details, refused.headers]).toEqual([
      404,
      "Server not found",
      {},
      {},
    ]);
  });

  it("forbids with 403 and names the permission", () => {
    const refused = failure(() => permit(ann, "tools.update", "Tool"));
    expect([refused.status, refused.code, refused.details]).toEqual([403, "forbidden", { permission: "tools.update" }]);
  });

  it("answers a token that lacks a scope with 403 and the challenge of RFC 6750", () => {
    const refused = failure(() => permit(scoped(ann, { permissions: [] }), "tools.read", "Tool"));
    expect([refused.status, refused.code]).toEqual([403, "insufficient_scope"]);
    expect(refused.headers["www-authenticate"]).toBe('Bearer error="insufficient_scope", scope="tools.read"');
  });

  it("asks somebody unknown for a credential", () => {
    const refused = failure(() => requireCaller(ANONYMOUS));
    expect([refused.status, refused.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="Causeway"']);
    expect(requireCaller(ann)).toBeUndefined();
  });
});
