// How a receiver verifies a message, ready to be copied. docs/alerts.md has the same.

export const NODE = `import { createHmac, timingSafeEqual } from "node:crypto";

// headers: names in lower case; body: the bytes as they came, before any JSON parser
export function isFromCauseway(headers, body, secret) {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": given } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(time)) < 300)) return false; // old, or from the future
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const own = createHmac("sha256", key).update(\`\${id}.\${time}.\`).update(body).digest();
  return given.split(" ").some((one) => {
    const theirs = Buffer.from(one.replace(/^v1,/, ""), "base64");
    return one.startsWith("v1,") && theirs.length === own.length && timingSafeEqual(theirs, own);
  });
}
`;

export const PYTHON = `import base64, hashlib, hmac, time

def is_from_causeway(headers, body: bytes, secret: str) -> bool:
    """headers: names in lower case; body: the bytes as they came"""
    sent = headers["webhook-timestamp"]
    if abs(time.time() - int(sent)) > 300:  # old, or from the future
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{sent}.".encode() + body
    own = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(own, one) for one in headers["webhook-signature"].split(" "))
`;
