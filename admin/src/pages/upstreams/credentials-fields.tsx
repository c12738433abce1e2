// The inputs for each kind of credentials.
import { SelectField, TextField } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Note } from "../../parts/note.tsx";
import { type Credentials, type Header, KINDS } from "./credentials.ts";

const SECRET = { type: "password", autocomplete: "new-password" } as const;

type Props = { value: Credentials; onValue: (value: Credentials) => void; error: string | undefined };

export function CredentialsFields({ value, onValue, error }: Props) {
  const put = (change: Partial<Credentials>): void => onValue({ ...value, ...change });
  return (
    <>
      <SelectField
        label="Credentials"
        hint="What the gateway presents to this server. Stored sealed, never shown again."
        value={value.type}
        options={KINDS}
        onValue={(type) => put({ type: KINDS.find((kind) => kind.value === type)?.value ?? "none" })}
      />
      {value.type === "bearer" && (
        <TextField
          label="Token"
          required
          mono
          error={error}
          input={SECRET}
          value={value.token}
          onValue={(token) => put({ token })}
        />
      )}
      {value.type === "basic" && (
        <div class="pair">
          <TextField
            label="User"
            required
            error={error}
            value={value.username}
            onValue={(username) => put({ username })}
          />
          <TextField label="Password" input={SECRET} value={value.password} onValue={(password) => put({ password })} />
        </div>
      )}
      {value.type === "authheaders" && (
        <HeaderFields headers={value.headers} error={error} onHeaders={(headers) => put({ headers })} />
      )}
      {value.type === "query_param" && (
        <>
          <Note tone="warn">Secrets in a URL end up in logs. Use a header where the server takes one.</Note>
          <div class="pair">
            <TextField
              label="Parameter"
              required
              mono
              error={error}
              value={value.param}
              onValue={(param) => put({ param })}
            />
            <TextField
              label="Value"
              mono
              input={SECRET}
              value={value.paramValue}
              onValue={(paramValue) => put({ paramValue })}
            />
          </div>
        </>
      )}
    </>
  );
}

function HeaderFields(props: { headers: Header[]; onHeaders: (headers: Header[]) => void; error: string | undefined }) {
  const { headers, onHeaders } = props;
  const put = (at: number, change: Partial<Header>): void =>
    onHeaders(headers.map((header, index) => (index === at ? { ...header, ...change } : header)));
  return (
    <fieldset class="set">
      <legend class="legend">Headers</legend>
      {headers.map((header, at) => (
        <div class="header-row" key={at}>
          <input
            class="in m"
            aria-label={`Name of header ${at + 1}`}
            placeholder="X-Api-Key"
            value={header.key}
            onInput={(event) => put(at, { key: event.currentTarget.value })}
          />
          <input
            class="in m"
            {...SECRET}
            aria-label={`Value of header ${at + 1}`}
            placeholder="value"
            value={header.value}
            onInput={(event) => put(at, { value: event.currentTarget.value })}
          />
          <button
            type="button"
            class="btn quiet icon"
            aria-label={`Remove header ${at + 1}`}
            disabled={headers.length === 1}
            onClick={() => onHeaders(headers.filter((_, index) => index !== at))}
          >
            <Icon name="x" />
          </button>
        </div>
      ))}
      {props.error && (
        <p class="hint bad">
          <Icon name="bad" />
          {props.error}
        </p>
      )}
      <div>
        <button type="button" class="btn quiet sm" onClick={() => onHeaders([...headers, { key: "", value: "" }])}>
          <Icon name="plus" />
          Add header
        </button>
      </div>
    </fieldset>
  );
}
