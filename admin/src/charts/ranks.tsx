// The first few of something by a number: a name, a bar, the number.

export type Rank = { key: string; name: string; href?: string; value: number };

export function Ranks({ ranks, format }: { ranks: readonly Rank[]; format: (value: number) => string }) {
  const most = Math.max(...ranks.map(({ value }) => value));
  return (
    <ol class="ranks">
      {ranks.map(({ key, name, href, value }) => (
        <li key={key}>
          <span class="clip">{href ? <a href={href}>{name}</a> : name}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="c1" width={most > 0 ? (value / most) * 100 : 0} height="8" />
          </svg>
          <b class="n">{format(value)}</b>
        </li>
      ))}
    </ol>
  );
}
