// Text that somebody else wrote, with the characters in it spelled out that nobody sees or that turn text round.

/** Emoji are made with some of them; line breaks and tabs do what they say. */
const FINE = [
  String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Emoji})\ufe0f`,
  String.raw`[\t\n]|\r(?=\n)`,
].join("|");
const HIDDEN = new RegExp(String.raw`((?!${FINE})[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029])`, "u");

/** As the gateway spells them where it quotes. */
const SPELLED = /<U\+([0-9A-F]{4,6})>/;

const codeOf = (one: string): string => (one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

/** One such character, as its number. */
const Spelled = ({ code }: { code: string }) => (
  <span class="esc" title={`A character that does not show: U+${code}`}>
    ␣U+{code}
  </span>
);

/** A text with every character in it to be seen. */
export const Visible = ({ text }: { text: string }) => (
  <>{text.split(HIDDEN).map((part, at) => (at % 2 === 1 ? <Spelled key={at} code={codeOf(part)} /> : part))}</>
);

/** A quotation in which the gateway has spelled them already, as `<U+202E>`. */
export const Quoted = ({ text }: { text: string }) => (
  <>
    {text
      .split(SPELLED)
      .map((part, at) => (at % 2 === 1 ? <Spelled key={at} code={part} /> : <Visible key={at} text={part} />))}
  </>
);
