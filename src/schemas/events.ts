// Events that webhooks are told of, each in a sentence. What they tell beside that: schemas/webhooks.ts.

export const EVENTS = {
  "upstream.down": "An MCP server can't be reached any more",
  "upstream.up": "An MCP server that was down can be reached again",
  "auth.expiring": "An API token expires within seven days",
  "change.pending": "An MCP server changed its tools, prompts or resources, and somebody has to approve that",
  "errors.high": "Too many calls of an MCP server fail",
  "limit.reached": "An API token was used as often as it may be, and a request was refused",
  test: "Somebody tries this webhook out",
} as const;

export type EventType = keyof typeof EVENTS;

/** Events a webhook may choose: `test` goes to the one that is tried. */
export const CHOICES = (Object.keys(EVENTS) as EventType[]).filter((type) => type !== "test");
