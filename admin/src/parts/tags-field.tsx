// Tags as one text with commas; kept as a list.
import { useState } from "preact/hooks";
import { TextField } from "./fields.tsx";

const split = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim().toLowerCase())
      .filter(Boolean),
  ),
];

export function TagsField({ tags, onTags }: { tags: string[]; onTags: (tags: string[]) => void }) {
  const [text, setText] = useState(tags.join(", "));
  return (
    <TextField
      label="Tags"
      hint="Separated by commas"
      value={text}
      onValue={(next) => {
        setText(next);
        onTags(split(next));
      }}
    />
  );
}
