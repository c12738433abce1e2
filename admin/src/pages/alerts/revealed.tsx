// The secret of a webhook, this once, and how a receiver uses it.
import { useState } from "preact/hooks";
import { Code } from "../../parts/code.tsx";
import { confirm } from "../../parts/confirm.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Segments } from "../../parts/fields.tsx";
import { Once } from "../access/once.tsx";
import { NODE, PYTHON } from "./verify.ts";
import type { WithSecret } from "./webhooks.ts";

const LANGUAGES = [
  { value: "node", label: "Node" },
  { value: "python", label: "Python" },
];

export function Revealed({ made, onClose }: { made: WithSecret; onClose: () => void }) {
  const { webhook, secret } = made;
  const [language, setLanguage] = useState("node");
  const leave = async (): Promise<void> => {
    const sure = await confirm({
      title: "Is the secret where you need it?",
      body: "It can't be shown again. Who loses it rotates it.",
      verb: "Close",
    });
    if (sure) onClose();
  };
  return (
    <Drawer
      title={`${webhook.name} is ready`}
      sub={<span class="m">{webhook.url}</span>}
      onClose={() => void leave()}
      foot={
        <button type="button" class="btn pri" onClick={onClose}>
          Done, I have it
        </button>
      }
    >
      <Once title={`Secret of ${webhook.name}`} text={secret}>
        <b>Copy it now</b>, to where the receiver reads it.
      </Once>
      <section class="sect">
        <header>
          <h3>Verify what comes</h3>
        </header>
        <div>
          <Segments label="Language" value={language} options={LANGUAGES} onValue={setLanguage} />
        </div>
        {language === "node" ? (
          <Code title="verify.mjs" text={NODE} file="verify.mjs" />
        ) : (
          <Code title="verify.py" text={PYTHON} file="verify.py" />
        )}
        <p class="hint">
          Signed as{" "}
          <a href="https://www.standardwebhooks.com/" target="_blank" rel="noreferrer">
            Standard Webhooks
          </a>{" "}
          says, so that its libraries verify it too. Answer with 2xx within ten seconds, and keep the id: what comes
          twice has the same.
        </p>
      </section>
    </Drawer>
  );
}
