// What the pages for people who are not signed in look like: a form on the left, the causeway on the right.
import type { ComponentChildren } from "preact";
import { Logo } from "../../parts/logo.tsx";
import { ThemeButton } from "../../parts/theme-button.tsx";
import { Hero } from "./hero.tsx";

type EntranceProps = { title: string; about: ComponentChildren; onSubmit?: () => void; children?: ComponentChildren };

/** A page with one form; without `onSubmit` it only tells. */
export function Entrance({ title, about, onSubmit, children }: EntranceProps) {
  const inner = (
    <>
      <div>
        <h1 id="entrance">{title}</h1>
        <p>{about}</p>
      </div>
      {children}
    </>
  );
  return (
    <div class="claim">
      <main class="claim-f">
        <div class="claim-top">
          <span class="brand">
            <Logo />
            Causeway
          </span>
          <ThemeButton />
        </div>
        {onSubmit === undefined ? (
          <div class="claim-b">{inner}</div>
        ) : (
          <form
            class="claim-b"
            aria-labelledby="entrance"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            {inner}
          </form>
        )}
      </main>
      <aside class="claim-v" aria-label="Causeway">
        <Hero />
        <div class="claim-q">
          <p>One address for every agent.</p>
          <p>Many servers behind it, of any era.</p>
        </div>
      </aside>
    </div>
  );
}
