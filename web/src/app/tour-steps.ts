// The guided tour as data. A step is done when its `done` has been reported (reportTour), or when
// somebody goes on by hand. `target` names an element by its attribute data-tour; it is outlined
// while the step stands. Pages report what happens and know nothing else of the tour.
import type { MessageKey } from "../i18n/text.tsx";

export type TourEvent =
  | "today-seen" // the Today page is open
  | "inbox-opened" // a list of records is open
  | "record-opened" // a record page is open with its answers
  | "reason-opened" // the article's sentence of one answer was opened
  | "instant-changed" // another instant was asked for
  | "verdict-changed"; // and the answer for a party is another than before

export interface TourStep {
  id: string;
  title: MessageKey;
  text: MessageKey;
  // Where the step takes place: beginning of a path.
  place: string | null;
  // Where its link leads when somebody is elsewhere.
  link?: string;
  target: string | null;
  done: TourEvent | null;
}

export const tourSteps: readonly TourStep[] = [
  {
    id: "today",
    title: "tour.today-title",
    text: "tour.today-text",
    place: "/today",
    target: "today-late",
    done: null,
  },
  {
    id: "list",
    title: "tour.list-title",
    text: "tour.list-text",
    place: "/exchange/records",
    // Indicators have answers of every kind; a sample of malware goes to nobody on any day.
    link: "/exchange/records?type=indicator",
    target: "record-list",
    done: "record-opened",
  },
  {
    id: "who",
    title: "tour.who-title",
    text: "tour.who-text",
    place: null,
    target: "recipients",
    done: null,
  },
  {
    id: "why",
    title: "tour.why-title",
    text: "tour.why-text",
    place: null,
    target: "recipients",
    done: "reason-opened",
  },
  {
    id: "instant",
    title: "tour.instant-title",
    text: "tour.instant-text",
    place: null,
    target: "instant",
    done: "verdict-changed",
  },
  {
    id: "end",
    title: "tour.end-title",
    text: "tour.end-text",
    place: null,
    target: "recipients",
    done: null,
  },
];
