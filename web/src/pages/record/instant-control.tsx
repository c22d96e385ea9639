// The instant about which the law is asked: day, time of day in UTC, steps of a day, and back to now.
import { useEffect, useId, useState } from "react";
import { Text, useT } from "../../i18n/text.tsx";
import { Button } from "../../ui/button.tsx";
import { firstDay, type Instant, lastDay, stepped, steppedYears, valid } from "./instant.ts";

export function InstantControl(props: {
  // The chosen instant; null is now.
  chosen: Instant | null;
  // Now by the clock of the node, which an exercise may have set; shown while nothing is chosen.
  now: Instant | null;
  choose: (instant: Instant | null) => void;
}) {
  const { chosen, now, choose } = props;
  const t = useT();
  const id = useId();
  const shown = chosen ?? now;
  const [day, setDay] = useState(shown?.day ?? "");
  const [time, setTime] = useState(shown?.time ?? "");
  // Steps, "now" and the clock of the node change what the fields show.
  useEffect(() => {
    setDay(shown?.day ?? "");
    setTime(shown?.time ?? "");
  }, [shown?.day, shown?.time]);

  const take = (nextDay: string, nextTime: string) => {
    setDay(nextDay);
    setTime(nextTime);
    const instant = valid({ day: nextDay, time: nextTime });
    if (instant) choose(instant);
  };
  const wrong = day !== "" && time !== "" ? valid({ day, time }) === null : shown !== null;
  const step = (days: number) => {
    if (shown) choose(stepped(shown, days));
  };
  const year = (years: number) => {
    if (shown) choose(steppedYears(shown, years));
  };
  return (
    <fieldset className="instant" data-tour="instant">
      <legend>
        <Text k="record.instant" />
      </legend>
      <div className="instant-fields">
        <div className="field">
          <label className="field-label" htmlFor={`${id}-day`}>
            <Text k="record.instant-day" />
          </label>
          <input
            id={`${id}-day`}
            className="input"
            type="date"
            min={firstDay}
            max={lastDay}
            value={day}
            aria-invalid={wrong || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onChange={(event) => take(event.target.value, time)}
          />
        </div>
        <div className="field">
          <label className="field-label" htmlFor={`${id}-time`}>
            <Text k="record.instant-time" />
          </label>
          <input
            id={`${id}-time`}
            className="input"
            type="time"
            value={time.slice(0, 5)}
            aria-invalid={wrong || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onChange={(event) => take(day, event.target.value)}
          />
        </div>
      </div>
      {wrong ? (
        <p id={`${id}-wrong`} className="field-error">
          <Text k="record.instant-wrong" />
        </p>
      ) : null}
      {/* biome-ignore lint/a11y/useSemanticElements: a group within a fieldset */}
      <div className="row" role="group" aria-label={t("record.instant-steps")}>
        <Button small isDisabled={!shown} onPress={() => year(-1)}>
          <Text k="record.year-back" />
        </Button>
        <Button small isDisabled={!shown} onPress={() => step(-1)}>
          <Text k="record.day-back" />
        </Button>
        <Button small isDisabled={!shown} onPress={() => step(1)}>
          <Text k="record.day-on" />
        </Button>
        <Button small isDisabled={!shown} onPress={() => year(1)}>
          <Text k="record.year-on" />
        </Button>
        <Button small isDisabled={chosen === null} onPress={() => choose(null)}>
          <Text k="record.now" />
        </Button>
      </div>
    </fieldset>
  );
}
