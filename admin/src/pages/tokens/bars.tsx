// Bars over time, with the same numbers as a table for who reads them so.
import type { Bucket } from "./buckets.ts";

const HEIGHT = 96;
const SHARE = 0.72;

export function Bars({ title, buckets }: { title: string; buckets: readonly Bucket[] }) {
  const most = Math.max(1, ...buckets.map((one) => one.requests));
  const used = buckets.filter((one) => one.requests > 0);
  const peak = used.find((one) => one.requests === most);
  const high = (n: number): number => (n / most) * HEIGHT;
  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        <small>{peak ? `at most ${most.toLocaleString("en")}, ${peak.at} UTC` : "none in this time"}</small>
      </figcaption>
      <svg viewBox={`0 0 ${buckets.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {buckets.map((one, at) => (
          <g key={one.at} transform={`translate(${at} 0)`}>
            <title>{`${one.at}: ${one.requests}, refused ${one.blocked}`}</title>
            <rect class="bg" width={SHARE} height={HEIGHT} />
            <rect class="fill" width={SHARE} y={HEIGHT - high(one.requests)} height={high(one.requests)} />
            <rect class="bad" width={SHARE} y={HEIGHT - high(one.blocked)} height={high(one.blocked)} />
          </g>
        ))}
      </svg>
      <div class="chart-x" aria-hidden="true">
        <small>{buckets[0]?.at}</small>
        <small>{buckets.at(-1)?.at}</small>
      </div>
      {used.length > 0 && (
        <details>
          <summary>As a table</summary>
          <div class="tw">
            <table aria-label={title}>
              <thead>
                <tr>
                  <th scope="col">From (UTC)</th>
                  <th scope="col" class="r">
                    Requests
                  </th>
                  <th scope="col" class="r">
                    Refused
                  </th>
                </tr>
              </thead>
              <tbody>
                {used.map((one) => (
                  <tr key={one.at}>
                    <td>{one.at}</td>
                    <td class="r">{one.requests.toLocaleString("en")}</td>
                    <td class="r">{one.blocked.toLocaleString("en")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </figure>
  );
}
