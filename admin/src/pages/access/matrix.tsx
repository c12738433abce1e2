// A matrix of permissions: a row for each noun, a box for each verb. What can't be given is shown and can't be ticked.
import { Checkbox } from "../../parts/fields.tsx";
import { byNoun, nounName, type Permission, verbName } from "./grants.ts";

type MatrixProps = {
  label: string;
  /** The permissions there are to choose from. */
  of: readonly Permission[];
  chosen: ReadonlySet<Permission>;
  /** Held by other means: ticked, and not to be changed. */
  fixed?: ReadonlySet<Permission>;
  /** Undefined: only shown. */
  onChosen?: (chosen: Set<Permission>) => void;
};

export function Matrix({ label, of, chosen, fixed, onChosen }: MatrixProps) {
  const put = (permissions: readonly Permission[], on: boolean): void => {
    const next = new Set(chosen);
    for (const one of permissions) {
      if (on) next.add(one);
      else next.delete(one);
    }
    onChosen?.(next);
  };
  return (
    // only shown, there is nothing else in it for the keyboard to reach, and it may scroll
    <ul class="matrix" aria-label={label} tabIndex={onChosen === undefined ? 0 : undefined}>
      {byNoun(of).map(([noun, permissions]) => {
        const open = permissions.filter((one) => !fixed?.has(one));
        const taken = permissions.filter((one) => chosen.has(one) || fixed?.has(one)).length;
        return (
          <li key={noun}>
            {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control */}
            <label class="opt">
              <Checkbox
                label={`${nounName(noun)}: everything`}
                on={taken === 0 ? false : taken === permissions.length ? true : "mixed"}
                disabled={onChosen === undefined || open.length === 0}
                onCheck={(on) => put(open, on)}
              />
              <b>{nounName(noun)}</b>
            </label>
            <div class="matrix-v">
              {permissions.map((one) => (
                // biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control
                <label key={one} class="opt" title={one}>
                  <Checkbox
                    label={`${nounName(noun)}: ${verbName(one)}`}
                    on={chosen.has(one) || fixed?.has(one) === true}
                    disabled={onChosen === undefined || fixed?.has(one) === true}
                    onCheck={(on) => put([one], on)}
                  />
                  {verbName(one)}
                </label>
              ))}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
