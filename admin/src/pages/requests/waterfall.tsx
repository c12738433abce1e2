// Where the time of one call went: the road is the whole call, the server's part lies on it. The record says how long each
// took, not when within the call; the picture says so.
import type { ComponentChildren } from "preact";
import { ms, type Row } from "./requests.ts";

const WIDE = 300;

export function Waterfall({ row, server }: { row: Row; server: string }) {
  const { took, upstreamTook } = row;
  const own = Math.max(0, took - upstreamTook);
  const scale = WIDE / Math.max(took, 0.1);
  const half = (own / 2) * scale;
  const theirs = Math.min(upstreamTook, took) * scale;
  const asked = upstreamTook > 0;
  return (
    <section class="sect">
      <header>
        <h3>Where the time went</h3>
        <small class="push">
          gateway <b class="n">{ms(own)} ms</b>
        </small>
        {asked && (
          <small>
            {server} <b class="n">{ms(upstreamTook)} ms</b>
          </small>
        )}
      </header>
      <div class="wf">
        <ol>
          <li>
            <span>Gateway{asked && ", before and after"}</span>
            <Road>
              {asked ? (
                <>
                  <rect class="g" x="0" y="6" width={Math.max(1.5, half)} height="10" rx="2" />
                  <rect class="g" x={WIDE - Math.max(1.5, half)} y="6" width={Math.max(1.5, half)} height="10" rx="2" />
                </>
              ) : (
                <rect class="g" x="0" y="6" width={WIDE} height="10" rx="2" />
              )}
            </Road>
            <b class="n">{ms(own)} ms</b>
          </li>
          {asked && (
            <li>
              <span class="clip">{server}</span>
              <Road>
                <rect class="u" x={half} y="6" width={Math.max(1.5, theirs)} height="10" rx="2" />
              </Road>
              <b class="n">{ms(upstreamTook)} ms</b>
            </li>
          )}
        </ol>
        <div class="axis" aria-hidden="true">
          <span>0</span>
          <span>{ms(took)} ms</span>
        </div>
      </div>
      <p class="hint">
        {asked
          ? "Measured: the whole call, and how long the gateway waited for the server. How the rest divides into before and after is not, so it is drawn in halves. The platform's clock stands still while the gateway computes: that counts as nothing."
          : "No server was asked: the gateway answered by itself."}
      </p>
    </section>
  );
}

const Road = ({ children }: { children: ComponentChildren }) => (
  <svg viewBox={`0 0 ${WIDE} 20`} preserveAspectRatio="none" aria-hidden="true">
    <path class="road" d={`M0 15.5H${WIDE}`} />
    {children}
  </svg>
);
