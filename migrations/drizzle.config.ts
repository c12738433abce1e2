// drizzle-kit: `npm run db:generate` writes the next migration from the tables.
import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "sqlite", schema: "./src/db/tables/*.ts", out: "./migrations" });
