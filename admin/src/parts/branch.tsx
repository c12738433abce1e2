// The head of a branch in a tree of things to choose: folds, ticks all of it, and says how much of it is chosen.
import { Monogram } from "./badges.tsx";
import { Checkbox } from "./fields.tsx";
import { Icon } from "./icon.tsx";

type Props = {
  name: string;
  open: boolean;
  onToggle: () => void;
  /** What the checkbox is called, where that is more than the name. */
  label: string;
  on: boolean | "mixed";
  onCheck: (on: boolean) => void;
  taken: number;
  of: number;
};

export const BranchHead = ({ name, open, onToggle, label, on, onCheck, taken, of }: Props) => (
  <div class="branch">
    <button
      type="button"
      class="btn quiet icon sm"
      aria-expanded={open}
      aria-label={`${open ? "Fold" : "Unfold"} ${name}`}
      onClick={onToggle}
    >
      <Icon name={open ? "down" : "right"} />
    </button>
    <Checkbox label={label} on={on} onCheck={onCheck} />
    <Monogram name={name} size="sm" />
    <b class="clip">{name}</b>
    <span class="push n mut">
      {taken} of {of}
    </span>
  </div>
);
