// Teams as the REST API shows and takes them (ContextForge: /teams). Names in snake_case, as ContextForge has them here.
import * as z from "zod";
import { email } from "./users.ts";

export const teamRole = z.enum(["owner", "member", "viewer"]);
const name = z.string().trim().min(1).max(200);
const fields = {
  description: z.string().max(2000).nullish(),
  visibility: z.enum(["private", "public"]).optional().describe("public: every user finds it and may ask to join"),
  max_members: z.number().int().min(1).max(10_000).optional(),
};

export const teamCreate = z
  .strictObject({
    name,
    slug: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
      .optional(),
    ...fields,
    members: z
      .array(z.strictObject({ email, role: teamRole.default("member") }))
      .max(100)
      .optional(),
  })
  .meta({ id: "TeamCreate" });
export type TeamCreate = z.infer<typeof teamCreate>;

export const teamUpdate = z
  .strictObject({ name: name.optional(), ...fields, is_active: z.boolean().optional() })
  .meta({ id: "TeamUpdate" });
export type TeamUpdate = z.infer<typeof teamUpdate>;

export const teamRead = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    description: z.string().nullable(),
    created_by: z.string(),
    is_personal: z.boolean(),
    visibility: z.enum(["private", "public"]),
    max_members: z.number().int(),
    member_count: z.number().int(),
    created_at: z.string(),
    updated_at: z.string(),
    is_active: z.boolean(),
    my_role: teamRole.nullable(),
    version: z.number().int(),
  })
  .meta({ id: "Team" });
export type TeamRead = z.infer<typeof teamRead>;

export const teamQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).default(0),
  q: z.string().max(200).optional(),
  include_inactive: z.stringbool().default(false),
});
export const teamList = z.object({
  teams: z.array(teamRead),
  total: z.number().int(),
  limit: z.number().int(),
  offset: z.number().int(),
});

export const teamMember = z
  .object({
    team_id: z.string(),
    user_email: z.string(),
    full_name: z.string().nullable(),
    role: teamRole,
    joined_at: z.string(),
    invited_by: z.string().nullable(),
  })
  .meta({ id: "TeamMember" });
export const memberAdd = z.strictObject({ email, role: teamRole.default("member") });
export const memberUpdate = z.strictObject({ role: teamRole });

export const teamInvitation = z
  .object({
    id: z.string(),
    team_id: z.string(),
    team_name: z.string(),
    email: z.string(),
    role: teamRole,
    invited_by: z.string(),
    created_at: z.string(),
    expires_at: z.string(),
    token: z.string().nullable().describe("Shown once, to whoever invites; null in lists and when it was sent"),
    url: z.string().nullable(),
  })
  .meta({ id: "TeamInvitation" });
/** Members who are users here are added at once; the others are invited. */
export const teamCreated = z
  .object({
    ...teamRead.shape,
    members_added: z.array(z.string()),
    invitations_sent: z.array(z.string()),
    invitations: z.array(teamInvitation).describe("The same, with their links"),
  })
  .meta({ id: "TeamCreated" });

export const invite = z.strictObject({
  email,
  role: teamRole.default("member"),
  expires_in_days: z.number().int().min(1).max(30).default(7),
});

export const joinRequest = z
  .object({
    id: z.string(),
    team_id: z.string(),
    user_email: z.string(),
    message: z.string().nullable(),
    created_at: z.string(),
  })
  .meta({ id: "JoinRequest" });
export const joinBody = z.strictObject({ message: z.string().max(1000).nullish() });
