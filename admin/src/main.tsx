// Starts the dashboard: asks who is signed in and draws the page the address names.
import { render } from "preact";
import { App } from "./routes.tsx";
import { loadSession } from "./session.ts";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");
render(<App />, root);
void loadSession();
