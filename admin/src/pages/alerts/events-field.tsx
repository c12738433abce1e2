// Which events a webhook wants: all of them, or those that are ticked.
import { CHOICES, EVENTS, type EventType } from "../../../../src/schemas/events.ts";
import { Checkbox, Segments } from "../../parts/fields.tsx";
import { Icon } from "../../parts/icon.tsx";

const HOW = [
  { value: "all", label: "Every event" },
  { value: "some", label: "Some" },
];

/** `events` undefined: all, also what is yet to come. */
type Props = {
  events: EventType[] | undefined;
  error: string | undefined;
  onEvents: (events: EventType[] | undefined) => void;
};

export function EventsField({ events, error, onEvents }: Props) {
  const turn = (type: EventType, on: boolean): void =>
    onEvents(CHOICES.filter((one) => (one === type ? on : events?.includes(one))));
  return (
    <div class="field">
      <span class="legend">Tell it of</span>
      <div>
        <Segments
          label="Tell it of"
          value={events === undefined ? "all" : "some"}
          options={HOW}
          onValue={(how) => onEvents(how === "all" ? undefined : [...CHOICES])}
        />
      </div>
      {events === undefined ? (
        <p class="hint">Also of what later versions of the gateway tell.</p>
      ) : (
        <ul class="events">
          {CHOICES.map((type) => (
            <li key={type}>
              {/* biome-ignore lint/a11y/noLabelWithoutControl: the checkbox inside is the control */}
              <label class="opt">
                <Checkbox label={type} on={events.includes(type)} onCheck={(on) => turn(type, on)} />
                <span>
                  <b class="m">{type}</b>
                  <small>{EVENTS[type]}</small>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p class="hint bad">
          <Icon name="bad" />
          {error}
        </p>
      )}
    </div>
  );
}
