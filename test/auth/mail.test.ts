// Mail: links go to whom they are for, through a webhook, and administrators do not see them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RestApi, startRestApi } from "../api/rest-api.ts";
import { type Gateway, startGateway } from "../harness.ts";
import { addPerson, logIn, PASSWORD } from "./people.ts";

const JSON_ONLY = { "content-type": "application/json" };

let gateway: Gateway;
let post: RestApi;
beforeAll(async () => {
  post = await startRestApi();
  gateway = await startGateway({
    AUTH_LIMITS_ENABLED: "false",
    EMAIL_WEBHOOK_URL: `${post.url}/mail`,
    PUBLIC_REGISTRATION_ENABLED: "true",
  });
});
afterAll(async () => {
  await gateway.dispose();
  await post.close();
});

const mailTo = async (to: string): Promise<{ text: string }> => {
  const found = () => post.received.map(({ body }) => JSON.parse(body)).filter((mail) => mail.to === to);
  await expect.poll(found).toHaveLength(1);
  return found()[0];
};
const choose = (text: string, new_password: string) =>
  gateway.api("POST", `/auth/email/reset-password/${/#(\S+)/.exec(text)?.[1]}`, { new_password }, JSON_ONLY);

test("an invitation is sent, and its link is shown to nobody else", async () => {
  const { body } = await gateway.api<{ link: unknown }>("POST", "/auth/email/admin/users", { email: "a@example.com" });
  expect(body.link).toMatchObject({ url: null, delivery: "sent" });
  expect((await choose((await mailTo("a@example.com")).text, PASSWORD)).status).toBe(200);
  expect((await logIn(gateway, "a@example.com")).status).toBe(200);
});

test("who forgot a password gets a link; who has no account gets nothing, and the same answer", async () => {
  await addPerson(gateway, "b@example.com");
  const ask = (email: string) => gateway.api("POST", "/auth/email/forgot-password", { email }, JSON_ONLY);
  expect((await ask("nobody@example.com")).body).toEqual((await ask("b@example.com")).body);
  expect((await choose((await mailTo("b@example.com")).text, "quite another set of words")).status).toBe(200);
  expect(post.received.some(({ body }) => body.includes("nobody@"))).toBe(false);
});

test("who registers proves the address; who is a user already gets the same answer and nothing else", async () => {
  await addPerson(gateway, "c@example.com");
  const register = (email: string) => gateway.api("POST", "/auth/email/register", { email, full_name: "X" }, JSON_ONLY);
  const [known, fresh] = [await register("c@example.com"), await register("d@example.com")];
  expect([known.status, known.body]).toEqual([202, fresh.body]);
  expect((await logIn(gateway, "d@example.com")).status).toBe(401);
  expect((await choose((await mailTo("d@example.com")).text, PASSWORD)).status).toBe(200);
  expect((await logIn(gateway, "d@example.com")).body).toMatchObject({ user: { is_admin: false } });
  expect(post.received.some(({ body }) => body.includes("c@example.com"))).toBe(false);
});

test("when it can't be sent, the administrator gets the link", async () => {
  post.reply = { status: 500 };
  const { body } = await gateway.api("POST", "/auth/email/admin/users", { email: "e@example.com" });
  expect(body).toMatchObject({ link: { url: expect.stringContaining("#cwl_"), delivery: "shown" } });
  expect(gateway.logged.join()).toContain("mail was not sent");
});
