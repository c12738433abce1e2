// The bundle gate: `npm run deploy:check` fails when the built Worker has more bytes gzipped than promised.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { ROOT } from "../src/cli/local-vars.ts";

const MOST_KB = 400;

const script = readFileSync(`${ROOT}dist/worker/index.js`);
const kilobytes = gzipSync(script, { level: 9 }).byteLength / 1024;
console.log(
  `Worker: ${kilobytes.toFixed(1)} KB gzip of at most ${MOST_KB} (${(script.byteLength / 1024).toFixed(1)} KB)`,
);
if (kilobytes > MOST_KB) process.exit(1);
