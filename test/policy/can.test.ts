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
const factsOf = ({ id: email, admin, access }: Caller) => ({
  email,
  admin,
  active: true,
  mustChangePassword: false,
  access,
});
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

  const inTeam = (visibility: Target["visibility"], teamId = "t1", ownerEmail: string | null = "other@example.com") =>
    ({ visibility, ownerEmail, teamId }) as const;
  const builder = (everywhere: readonly string[], ...held: string[]): Caller =>
    callerFor(
      {
        email: "in@example.com",
        admin: false,
        active: true,
        mustChangePassword: false,
        access: { everywhere: new Set(everywhere), teams: new Map([["t1", { permissions: new Set(held) }]]) },
      },
      { credential: "session" },
    );

  it.each<[string, Verdict, string, Permission, Target | undefined]>([
    ["a viewer read", "yes", "viewer", "tools.read", inTeam("team")],
    ["a viewer use", "yes", "viewer", "tools.execute", inTeam("team")],
    ["a viewer change", "forbidden", "viewer", "tools.update", inTeam("team")],
    ["a viewer add to the team", "forbidden", "viewer", "tools.create", inTeam("team", "t1", "in@example.com")],
    ["a viewer say who is in it", "forbidden", "viewer", "teams.manage_members", inTeam("team")],
    ["a member read", "yes", "developer", "resources.read", inTeam("team")],
    ["a member change what another made", "yes", "developer", "tools.update", inTeam("team")],
    ["a member delete what another made", "yes", "developer", "servers.delete", inTeam("team")],
    ["a member add to the team", "yes", "developer", "gateways.create", inTeam("team", "t1", "in@example.com")],
    ["a member change what the team shows everybody", "yes", "developer", "tools.update", inTeam("public")],
    ["a member show everybody what is new", "forbidden", "developer", "tools.create", inTeam("public")],
    ["a member see another's private things put with the team", "hidden", "developer", "tools.read", inTeam("private")],
    ["a member say who is in it", "forbidden", "developer", "teams.manage_members", inTeam("team")],
    ["a member delete the team", "forbidden", "developer", "teams.delete", inTeam("team")],
    ["an owner say who is in it", "yes", "team_admin", "teams.manage_members", inTeam("team")],
    ["an owner delete the team", "yes", "team_admin", "teams.delete", inTeam("team")],
    ["an owner add users to the gateway", "forbidden", "team_admin", "users.create", undefined],
    ["an owner see another team", "hidden", "team_admin", "teams.read", inTeam("team", "t2")],
    ["an owner see what is another team's", "hidden", "team_admin", "tools.read", inTeam("team", "t2")],
    ["an owner change what another team shows", "forbidden", "team_admin", "tools.update", inTeam("public", "t2")],
  ])("asked to let %s in a team, says: %s", (_who, verdict, role, permission, target) => {
    expect(can(builder(EVERYBODY, ...roleNamed(role).permissions), permission, target)).toBe(verdict);
  });

  it("takes a custom role in a team for what it says, there and nowhere else", () => {
    const curator = builder(EVERYBODY, "prompts.update", "resources.*");
    expect(can(curator, "prompts.update", inTeam("team"))).toBe("yes");
    expect(can(curator, "resources.delete", inTeam("team"))).toBe("yes");
    expect(can(curator, "prompts.delete", inTeam("team"))).toBe("forbidden");
    expect(can(curator, "prompts.update", inTeam("public", "t2"))).toBe("forbidden");
  });

  it("takes no role in a team for more than a team has", () => {
    const everything = builder([], "*", "users.*", "teams.*");
    for (const permission of ["users.create", "roles.assign", "audit.read", "admin.update", "teams.create"] as const)
      expect(can(everything, permission), permission).toBe("forbidden");
    expect(can(everything, "teams.delete", inTeam("team"))).toBe("yes");
  });

  it("lets a token narrowed to one team do nothing as a member of another", () => {
    const both = builder(EVERYBODY, ...roleNamed("developer").permissions);
    const narrow = { ...both, teams: ["t2"] };
    expect(can(both, "tools.update", inTeam("public"))).toBe("yes");
    expect(can(narrow, "tools.update", inTeam("public"))).toBe("forbidden");
  });

  it("never says yes to somebody in no common team", () => {
    const permission = fc.constantFrom(...PERMISSIONS);
    const grants = fc.array(fc.oneof(permission, fc.constantFrom("tools.*", "servers.*", "teams.*", "users.*")));
    const roles = fc.dictionary(
      fc.constantFrom("t1", "t2", "t3"),
      fc.constantFrom("viewer", "developer", "team_admin"),
    );
    const target = fc.record({
      visibility: fc.constant("team" as const),
      ownerEmail: fc.constantFrom("other@example.com", "me@example.com", null),
      teamId: fc.constantFrom("t1", "t2", "t3", "t4"),
      serverId: fc.constantFrom("s1", "s2"),
    });
    fc.assert(
      fc.property(
        grants,
        roles,
        permission,
        target,
        fc.option(fc.subarray(["t1", "t2"])),
        (held, in_, wanted, on, narrow) => {
          const caller = user("me@example.com", held, in_);
          const credential = narrow
            ? { ...callerFor(factsOf(caller), { credential: "api_token", teams: narrow }) }
            : caller;
          const common = on.teamId in in_ && (narrow === null || narrow.includes(on.teamId));
          if (!common) expect(can(credential, wanted, on)).toBe("hidden");
          expect(can(ANONYMOUS, wanted, on)).toBe("hidden");
        },
      ),
    );
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
    const refused = failure(() => permit(bob, "tools.update", "Tool", server("public")));
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
