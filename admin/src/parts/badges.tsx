// Small marks. A status is an icon, a word and a colour; an era is its revision in monospace.
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "ok" | "warn" | "bad" | "auth" | "tide" | "line" | "idle";

export const Badge = (props: { tone: Tone; icon?: IconName; title?: string; children: string }) => (
  <span class={`badge is-${props.tone}`} title={props.title}>
    {props.icon && <Icon name={props.icon} />}
    {props.children}
  </span>
);

const STATUS = {
  up: { tone: "ok", icon: "ok", word: "Up" },
  down: { tone: "bad", icon: "bad", word: "Down" },
  disabled: { tone: "idle", icon: "off", word: "Disabled" },
} as const;

export const StatusBadge = ({ status }: { status: keyof typeof STATUS }) => {
  const { tone, icon, word } = STATUS[status];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
};

export const OnOffBadge = ({ on }: { on: boolean }) =>
  on ? (
    <Badge tone="ok" icon="ok">
      Enabled
    </Badge>
  ) : (
    <Badge tone="idle" icon="off">
      Disabled
    </Badge>
  );

export const ERAS = {
  modern: { icon: "bolt", word: "Stateless", years: "2026-07-28" },
  session: { icon: "loop", word: "Sessions", years: "2025" },
  sse: { icon: "wave", word: "HTTP+SSE", years: "2024-11-05" },
  builtin: { icon: "nut", word: "Built in", years: "built in" },
} as const;
export type Era = keyof typeof ERAS;

export const EraBadge = ({ era, version }: { era: Era; version?: string }) => (
  <span class={`era era-${era}`} title={`${ERAS[era].word}${version ? `, ${version}` : ""}`}>
    <Icon name={ERAS[era].icon} />
    {era === "builtin" ? ERAS.builtin.years : version || ERAS[era].years}
  </span>
);

/** What a tool says it does to the world (MCP tool annotations; hints, not promises). */
export function effectOf(annotations: Record<string, unknown> | null): "reads" | "destroys" | "writes" | null {
  if (annotations === null) return null;
  if (annotations.readOnlyHint === true) return "reads";
  if (annotations.destructiveHint === true) return "destroys";
  return annotations.readOnlyHint === false || annotations.destructiveHint === false ? "writes" : null;
}

export const EffectBadge = ({ annotations }: { annotations: Record<string, unknown> | null }) => {
  const effect = effectOf(annotations);
  if (effect === null) return null;
  return effect === "destroys" ? (
    <Badge tone="bad" icon="warn" title="Says it may destroy data">
      destroys
    </Badge>
  ) : (
    <Badge
      tone="line"
      title={effect === "reads" ? "Says it only reads" : "Says it changes things, but destroys nothing"}
    >
      {effect}
    </Badge>
  );
};

/** An arch with the initial of a name; its colour comes from the name. */
export const Monogram = ({ name, size = "" }: { name: string; size?: "" | "sm" | "lg" }) => {
  const initial = [...name.trim()][0] ?? "?";
  const sum = [...name].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7);
  return (
    <span class={`mono m${(sum % 6) + 1} ${size}`} aria-hidden="true">
      {initial.toUpperCase()}
    </span>
  );
};

/** Two letters for a person: of the name, else of the address. */
export function initials({ fullName, email }: { fullName: string | null; email: string }): string {
  const words = (fullName?.trim() || email.replace(/@.*/, "")).split(/[\s._-]+/).filter(Boolean);
  const [first = "?", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return ([...first].slice(0, 1).join("") + [...last].slice(0, 1).join("")).toUpperCase();
}

/** The first tags of a record; the rest on hover. */
export const Tags = ({ tags, most = 2 }: { tags: { label: string }[]; most?: number }) => {
  const rest = tags.slice(most);
  return (
    <span class="chips">
      {tags.slice(0, most).map((tag) => (
        <Badge key={tag.label} tone="line">
          {tag.label}
        </Badge>
      ))}
      {rest.length > 0 && (
        <Badge tone="line" title={rest.map((tag) => tag.label).join(", ")}>
          {`+${rest.length}`}
        </Badge>
      )}
    </span>
  );
};
