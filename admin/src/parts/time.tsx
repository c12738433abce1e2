// Times as people say them, with the exact one on hover; numbers and plurals.

const STEPS: [limit: number, size: number, unit: string][] = [
  [60, 1, "s"],
  [3600, 60, "min"],
  [86_400, 3600, "h"],
  [2_592_000, 86_400, "days"],
  [31_536_000, 2_592_000, "months"],
  [Number.POSITIVE_INFINITY, 31_536_000, "years"],
];

function ago(at: Date): string {
  const seconds = Math.max(0, (Date.now() - at.getTime()) / 1000);
  if (seconds < 10) return "just now";
  const [, size, unit] = STEPS.find(([limit]) => seconds < limit) ?? [0, 1, "s"];
  const n = Math.floor(seconds / size);
  return `${n} ${n === 1 ? unit.replace(/s$/, unit === "s" ? "s" : "") : unit} ago`;
}

/** An ISO time as "3 min. ago"; `never` when there is none. */
export const When = ({ at, never = "never" }: { at: string | null; never?: string }) => {
  if (at === null) return <span class="mut">{never}</span>;
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return <span>{at}</span>;
  const exact = `${time.toISOString().replace("T", " ").slice(0, 19)} UTC`;
  return (
    <time dateTime={time.toISOString()} title={exact}>
      {ago(time)}
    </time>
  );
};

/** A time to come: "until 19:32", or with its day when that is not today. The exact one on hover. */
export const Until = ({ at }: { at: string }) => {
  const time = new Date(at);
  const today = time.toDateString() === new Date().toDateString();
  const words = time.toLocaleString("en", { ...(today ? {} : { dateStyle: "medium" }), timeStyle: "short" });
  return (
    <time dateTime={time.toISOString()} title={`${time.toISOString().replace("T", " ").slice(0, 19)} UTC`}>
      until {words}
    </time>
  );
};

/** A day: "Feb 19, 2027". The exact time on hover. */
export const Day = ({ at }: { at: string }) => {
  const time = new Date(at);
  return (
    <time dateTime={time.toISOString()} title={`${time.toISOString().replace("T", " ").slice(0, 19)} UTC`}>
      {time.toLocaleDateString("en", { dateStyle: "medium" })}
    </time>
  );
};

/** "1 tool", "4,812 tools". */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
