// The colours of charts, which differ in lightness too, and what says which is which.

/** 7, 8 and 9 are paler 3, 5 and 6, for what is close to those. */
export type Tone = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
export const TONES: readonly Tone[] = [1, 2, 3, 4, 5, 6];

export const Swatch = ({
  tone,
  line,
  dashed,
}: {
  tone: Tone;
  line?: boolean | undefined;
  dashed?: boolean | undefined;
}) => (
  <svg class="swatch" viewBox="0 0 12 10" aria-hidden="true">
    {line ? (
      <path class={dashed ? `ln l${tone} dash` : `ln l${tone}`} d="M0 5h12" />
    ) : (
      <rect class={`c${tone}`} width="10" height="10" rx="2" />
    )}
  </svg>
);

export type Entry = { name: string; tone: Tone; line?: boolean; dashed?: boolean; value?: string };

/** What each colour stands for, with its number for the whole time. */
export const Legend = ({ entries }: { entries: readonly Entry[] }) => (
  <ul class="chart-l">
    {entries.map(({ name, tone, line, dashed, value }) => (
      <li key={name}>
        <Swatch tone={tone} line={line} dashed={dashed} />
        {name}
        {value !== undefined && <b class="n">{value}</b>}
      </li>
    ))}
  </ul>
);
