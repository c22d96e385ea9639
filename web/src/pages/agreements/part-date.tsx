// A date of the register, of which sometimes only the year, or year and month, is known: no more is shown than is known.
import { useCatalogue } from "../../i18n/text.tsx";
import { DateTime } from "../../ui/date-time.tsx";

// The year, or month and year, in words of `locale`; null for any other text.
export function partText(value: string, locale: string): string | null {
  const found = /^(\d{4})(?:-(\d{2}))?$/.exec(value);
  if (!found) return null;
  const [, year, month] = found;
  const date = new Date(`${year}-${month ?? "01"}-01T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return null;
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    ...(month ? { month: "long" as const } : {}),
    timeZone: "UTC",
    calendar: "gregory",
  }).format(date);
}

export function PartDate(props: { value: string }) {
  const catalogue = useCatalogue();
  const part = partText(props.value, catalogue.locale);
  if (part === null) return <DateTime value={props.value} />;
  return (
    <time dateTime={props.value} className="time">
      {part}
    </time>
  );
}
