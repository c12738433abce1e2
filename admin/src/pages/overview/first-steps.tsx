// What to do first. Steps that can be known are ticked; the others only lead there.
import { Icon } from "../../parts/icon.tsx";
import type { Facts } from "./facts.ts";

/** `used`: somebody called something. */
export function FirstSteps({ facts, used }: { facts: Facts; used: boolean }) {
  const steps = [
    {
      done: (facts.upstreams?.length ?? 0) > 0,
      href: "/ui/servers/new",
      title: "Add an MCP server",
      text: "By its URL. The gateway finds out what it speaks and offers.",
    },
    {
      done: (facts.servers?.length ?? 0) > 0,
      href: "/ui/virtual-servers/new",
      title: "Build a virtual server",
      text: "Choose tools from several servers and give them one URL.",
    },
    { done: used, href: "/ui/tools", title: "Try a tool", text: "Through the gateway, the way a client would." },
    {
      done: used,
      href: "/ui/connect",
      title: "Connect a client",
      text: "Claude, Cursor, VS Code, Codex and others, in their own words.",
    },
  ];
  return (
    <section class="card" aria-labelledby="steps">
      <header>
        <h2 id="steps">First steps</h2>
      </header>
      <ol class="list">
        {steps.map((step) => (
          <li key={step.href}>
            <span class={step.done ? "t-ok" : "mut"}>
              <Icon name={step.done ? "ok" : "arrow"} />
            </span>
            <span class="grow">
              <a href={step.href}>{step.title}</a>
              <small class="wrap">{step.text}</small>
            </span>
            {step.done && <small>done</small>}
          </li>
        ))}
      </ol>
    </section>
  );
}
