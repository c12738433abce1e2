// The yardstick of start-up: Hono and nothing else.
import { Hono } from "hono";

export default new Hono().get("/", (c) => c.text("ok"));
