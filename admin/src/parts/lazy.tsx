// Pages that are fetched when first visited. Afterwards they render at once.
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Note } from "./note.tsx";
import { Skeleton } from "./skeleton.tsx";

/**
 * A component that stands for one in another file, and shows `meanwhile` until it is here. When that file is gone, a newer
 * dashboard was deployed.
 */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  meanwhile: ComponentChildren = <Skeleton />,
): ComponentType<Props> {
  let Ready: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const [state, setState] = useState<"waiting" | "ready" | "gone">("waiting");
    useEffect(() => {
      if (Ready !== undefined) return;
      load().then(
        (component) => {
          Ready = component;
          setState("ready");
        },
        () => setState("gone"),
      );
    }, []);
    if (Ready !== undefined) return <Ready {...props} />;
    return state === "gone" ? <Gone /> : meanwhile;
  };
}

const Gone = () => (
  <Note
    tone="warn"
    live
    actions={
      <button type="button" class="btn sm" onClick={() => location.reload()}>
        Reload
      </button>
    }
  >
    <b>This page did not load.</b> The gateway may have been updated meanwhile.
  </Note>
);
