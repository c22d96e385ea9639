// The instant about which the law is asked: a day and a time of day in UTC, as the page's fields hold
// them, and as the API takes it (RFC 3339). Pure.

export type Instant = { day: string; time: string }; // "2024-06-01", "00:00" or "00:00:30"

const dayMs = 86_400_000;

// The years that the engine takes (docs/formats/register.md).
export const firstDay = "1800-01-01";
export const lastDay = "2199-12-31";

export function instantOf(text: string): Instant | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return valid({ day: text, time: "00:00" });
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?Z$/.exec(text);
  if (!found) return null;
  return valid({ day: found[1] ?? "", time: found[2] ?? "" });
}

export function apiText(instant: Instant): string {
  const seconds = instant.time.length === 5 ? ":00" : "";
  return `${instant.day}T${instant.time}${seconds}Z`;
}

// Null for a day that no calendar has, a time that no clock shows, or a year outside the bounds: a field that
// is being typed into, about which nothing is asked.
export function valid(instant: Instant): Instant | null {
  if (instant.day < firstDay || instant.day > lastDay) return null;
  const ms = Date.parse(apiText(instant));
  if (Number.isNaN(ms)) return null;
  // Date.parse turns 30 February into 1 March in some engines.
  return new Date(ms).toISOString().startsWith(instant.day) ? instant : null;
}

// The same time of day, `days` later or earlier; the instant itself at the bounds.
export function stepped(instant: Instant, days: number): Instant {
  const ms = Date.parse(`${instant.day}T00:00:00Z`) + days * dayMs;
  if (Number.isNaN(ms)) return instant;
  const day = new Date(ms).toISOString().slice(0, 10);
  return valid({ day, time: instant.time }) ?? instant;
}

// The same day of the calendar, `years` later or earlier; 28 February where that year has no 29th.
export function steppedYears(instant: Instant, years: number): Instant {
  const [year = "", month = "", day = ""] = instant.day.split("-");
  const to = String(Number(year) + years).padStart(4, "0");
  const there = { day: `${to}-${month}-${day}`, time: instant.time };
  const short = { day: `${to}-${month}-28`, time: instant.time };
  return valid(there) ?? (month === "02" && day === "29" ? valid(short) : null) ?? instant;
}
