// The signature of webhooks, held against the example that the reference implementations of Standard Webhooks verify.
import { expect, it } from "vitest";
import { newSigningSecret, signatureHeaders, signingKeyOf } from "../../src/lib/webhook-signature.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MESSAGE = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, body: '{"test": 2432232314}' };

it("is that of the published example", async () => {
  expect(await signatureHeaders(MESSAGE, [SECRET])).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it("is one for each secret, in their order", async () => {
  const other = newSigningSecret();
  const { "webhook-signature": both } = await signatureHeaders(MESSAGE, [other, SECRET]);
  const { "webhook-signature": first } = await signatureHeaders(MESSAGE, [other]);
  expect(both).toBe(`${first} v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=`);
});

it("is made with 24 to 64 bytes that are written in base64 behind whsec_", () => {
  const secretOf = (bytes: number) => `whsec_${btoa("x".repeat(bytes))}`;
  expect([23, 24, 64, 65].map((bytes) => signingKeyOf(secretOf(bytes))?.length)).toEqual([
    undefined,
    24,
    64,
    undefined,
  ]);
  for (const secret of ["", SECRET.slice(6), SECRET.slice(0, -1), `${SECRET} `, SECRET.replace("M", "-")])
    expect(signingKeyOf(secret), secret).toBeUndefined();
  expect(signingKeyOf(newSigningSecret())).toHaveLength(24);
  expect(newSigningSecret()).not.toBe(newSigningSecret());
});
