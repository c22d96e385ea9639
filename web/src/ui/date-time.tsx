// Instants and days. Officers of different states read the same clock: UTC, or the time of the own
// capital, whichever is chosen in the header; the zone is always written.
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";
import { readSetting, writeSetting } from "../app/settings.ts";
import { useCatalogue, useT } from "../i18n/text.tsx";

export type ClockChoice = "utc" | "capital";

interface Clock {
  choice: ClockChoice;
  choose: (choice: ClockChoice) => void;
  // IANA name of the zone of the own capital; null where the party is an invented one or unknown.
  capital: string | null;
}

const ClockContext = createContext<Clock>({ choice: "utc", choose: () => {}, capital: null });

export function ClockProvider(props: { capital: string | null; children: ReactNode }) {
  const [choice, setChoice] = useState<ClockChoice>(
    readSetting("clock") === "capital" ? "capital" : "utc",
  );
  const value = useMemo(
    () => ({
      choice: props.capital ? choice : "utc",
      choose: (next: ClockChoice) => {
        writeSetting("clock", next);
        setChoice(next);
      },
      capital: props.capital,
    }),
    [choice, props.capital],
  );
  return <ClockContext value={value}>{props.children}</ClockContext>;
}

export function useClock(): Clock {
  return useContext(ClockContext);
}

const days = /^(\d{4})-(\d{2})-(\d{2})$/;

// The instant or day in words of `locale`; null for what is no date.
export function dateText(value: string, locale: string, zone: string | null): string | null {
  if (days.test(value)) {
    const date = new Date(`${value}T00:00:00Z`);
    if (Number.isNaN(date.getTime())) return null;
    return new Intl.DateTimeFormat(locale, {
      year: "numeric",
      month: "short",
      day: "numeric",
      timeZone: "UTC",
      calendar: "gregory",
    }).format(date);
  }
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return null;
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone ?? "UTC",
    timeZoneName: "short",
    calendar: "gregory",
  }).format(date);
}

export function DateTime(props: { value: string | null; zone?: "utc" }) {
  const catalogue = useCatalogue();
  const t = useT();
  const clock = useClock();
  if (props.value === null || props.value === "") return <span>{t("date.none")}</span>;
  const zone = clock.choice === "capital" && props.zone !== "utc" ? clock.capital : null;
  const text = dateText(props.value, catalogue.locale, zone);
  return (
    <time dateTime={props.value} className="time">
      {text ?? props.value}
    </time>
  );
}

// "3 hours ago", "in 2 days": beside an instant, never instead of it.
export function relativeText(value: string, now: Date, locale: string): string | null {
  const seconds = (new Date(value).getTime() - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return null;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "minute");
}

// The same for a day, counted from a day: "today", "in 3 days".
export function relativeDay(value: string, today: string, locale: string): string | null {
  const distance =
    (Date.parse(`${value}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000;
  if (Number.isNaN(distance)) return null;
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(distance, "day");
}
