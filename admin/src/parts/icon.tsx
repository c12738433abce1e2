// Icons: one 16 px path each, drawn with a 1.5 px line in the colour of the text.

const circle = (x: number, y: number, r: number): string =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;

const PATHS = {
  arrow: "M3 8h10M9.5 4.5 13 8l-3.5 3.5",
  audit: "M5.5 3h-2v11h9V3h-2M5.5 1.8h5v2.6h-5zM6 8h4M6 11h2.5",
  bad: "M5.5 2.3h5l3.2 3.2v5l-3.2 3.2h-5l-3.2-3.2v-5zM6 6l4 4M10 6l-4 4",
  bell: "M3.5 11.5h9l-1.2-1.8V7a3.3 3.3 0 0 0-6.6 0v2.7zM6.6 13.6a1.5 1.5 0 0 0 2.8 0M8 2v1.7",
  bolt: "M9 1.8 3.5 9h4L7 14.2 12.5 7h-4z",
  book: "M8 4.4A2 2 0 0 0 6.2 3H2.5v9.5h3.7A2 2 0 0 1 8 13.6a2 2 0 0 1 1.8-1.1h3.7V3H9.8A2 2 0 0 0 8 4.4zM8 4.4v9.2",
  chart: "M2.5 2.5v11h11M5.8 11V8.5M8.8 11V5M11.8 11V7",
  check: "M3 8.5l3.2 3.2L13 4.8",
  clock: `${circle(8, 8, 5.7)}M8 4.8V8l2.2 1.6`,
  code: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  contrast: `${circle(8, 8, 5.7)}M8 2.3v11.4M8 5.5h4.8M8 8h5.7M8 10.5h4.8`,
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  down: "M4 6.2l4 4 4-4",
  diff: "M2.5 5.5h10M10 3l2.5 2.5L10 8M13.5 10.5h-10M6 8l-2.5 2.5L6 13",
  download: "M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11",
  edit: "M3 13l.6-2.8 7.2-7.2 2.2 2.2-7.2 7.2zM9.4 4.4l2.2 2.2",
  eye: `M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8z${circle(8, 8, 1.9)}`,
  file: "M4 2h5l3.5 3.5V14H4zM9 2v3.5h3.5",
  globe: `${circle(8, 8, 5.7)}M2.3 8h11.4M8 2.3c2 1.8 2.6 3.6 2.6 5.7S10 11.9 8 13.7C6 11.9 5.4 10.1 5.4 8S6 4.1 8 2.3z`,
  info: `${circle(8, 8, 5.7)}M8 7.4v3.4M8 5.1v.01`,
  key: `${circle(5.2, 10.8, 3)}M7.4 8.6l6-6M10.8 5.2l2 2`,
  layers: "M8 2 2 5l6 3 6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  list: "M2.5 4h.01M5.5 4h8M2.5 8h.01M5.5 8h8M2.5 12h.01M5.5 12h8",
  lock: "M4 7.2h8v6.3H4zM5.6 7V5a2.4 2.4 0 0 1 4.8 0v2",
  loop: "M5.5 5.2h5a2.8 2.8 0 0 1 0 5.6h-5a2.8 2.8 0 0 1 0-5.6z",
  message: "M2.5 3h11v8.2H7.2L4 13.8v-2.6H2.5z",
  moon: "M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z",
  more: "M2.5 5h11M2.5 8h11M2.5 11h7",
  nut: `M5.2 3h5.6L13.7 8l-2.9 5H5.2L2.3 8z${circle(8, 8, 2)}`,
  off: `${circle(8, 8, 5.7)}M5.3 8h5.4`,
  ok: `${circle(8, 8, 5.7)}M5.4 8.2l1.9 1.9 3.4-3.7`,
  out: "M6.5 3h-4v10h4M6.5 8h7M10.5 5l3 3-3 3",
  overview: "M2.5 2.5H7v5H2.5zM9 2.5h4.5v3H9zM9 8.5h4.5v5H9zM2.5 10.5H7v3H2.5z",
  play: "M4.5 2.8v10.4L13 8z",
  plug: "M6 1.8V5M10 1.8V5M4.2 5h7.6v2.4a3.8 3.8 0 0 1-7.6 0zM8 11.2v3",
  plus: "M8 3v10M3 8h10",
  power: "M8 2v5M4.6 4.3a5.2 5.2 0 1 0 6.8 0",
  refresh: "M13.2 6.5A5.4 5.4 0 0 0 3.4 5.2M2.8 9.5a5.4 5.4 0 0 0 9.8 1.3M3 2.2v3.2h3.2M13 13.8v-3.2H9.8",
  right: "M6.2 4l4 4-4 4",
  search: `${circle(7, 7, 4.3)}M10.2 10.2l3.3 3.3`,
  role: "M8 1.8 3 3.6v4.1c0 3 2.1 5.4 5 6.5 2.9-1.1 5-3.5 5-6.5V3.6z",
  server: "M2.5 13.5V8a5.5 5.5 0 0 1 11 0v5.5zM5.8 13.5V9.2a2.2 2.2 0 0 1 4.4 0v4.3",
  sortdown: "M8 3v10M4.5 9.5 8 13l3.5-3.5",
  sortup: "M8 13V3M4.5 6.5 8 3l3.5 3.5",
  stop: "M4 4h8v8H4z",
  sun: `${circle(8, 8, 2.8)}M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1`,
  term: "M2 3h12v10H2zM4.5 6l2 2-2 2M8 10.2h3",
  team: `${circle(6, 5.2, 2.4)}M1.6 13.5c0-2.5 1.9-4.1 4.4-4.1s4.4 1.6 4.4 4.1M10.6 3a2.4 2.4 0 0 1 0 4.4M12.2 9.8c1.4.6 2.2 1.9 2.2 3.7`,
  tool: "M13.6 4.6l-2 2-2.2-2.2 2-2a3.6 3.6 0 0 0-4.7 4.5l-4.2 4.2a1.6 1.6 0 0 0 2.3 2.3L9 9.2a3.6 3.6 0 0 0 4.6-4.6z",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M6.8 7v4M9.2 7v4",
  user: `${circle(8, 5, 2.7)}M2.8 14c0-2.9 2.2-4.7 5.2-4.7s5.2 1.8 5.2 4.7`,
  warn: "M8 2.3 14.3 13H1.7zM8 6.4v3M8 11.3v.01",
  wave: "M1.8 8c1.6-3.6 3-3.6 4.2 0s2.6 3.6 4 0 2.6-3.6 4.2 0",
  window: "M2 3h12v10H2zM2 6.2h12M4.2 4.6h.01",
  x: "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration only: the word beside it, or the label of its button, says what it means. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
