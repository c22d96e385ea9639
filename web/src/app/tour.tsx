// The guided tour: a panel at the edge that blocks nothing. It outlines what a step speaks of, hears
// from the pages what was done, and can be walked by keyboard alone.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Link, useLocation } from "wouter";
import { Text, useT } from "../i18n/text.tsx";
import { Button } from "../ui/button.tsx";
import { useLive } from "../ui/live.tsx";
import { readSetting, writeSetting } from "./settings.ts";
import { type TourEvent, type TourStep, tourSteps } from "./tour-steps.ts";

interface TourState {
  // Index into tourSteps; null while there is no tour.
  step: number | null;
  start: () => void;
  stop: () => void;
  go: (step: number) => void;
}

const TourContext = createContext<TourState>({
  step: null,
  start: () => {},
  stop: () => {},
  go: () => {},
});

const eventName = "comity:tour";

// A page says what was done. Without a tour nobody listens.
export function reportTour(event: TourEvent): void {
  window.dispatchEvent(new CustomEvent<TourEvent>(eventName, { detail: event }));
}

export function useTour(): TourState {
  return useContext(TourContext);
}

// The step after `event` when it is what the present step waits for. Pages may report something
// further along: whoever changed the instant before reading why has not done less.
export function stepAfter(step: number, event: TourEvent): number {
  const at = tourSteps.findIndex((s, i) => i >= step && s.done === event);
  return at < 0 ? step : Math.min(at + 1, tourSteps.length - 1);
}

export function TourProvider(props: { children: ReactNode }) {
  const [step, setStep] = useState<number | null>(() => {
    const stored = Number.parseInt(readSetting("tour") ?? "", 10);
    return stored >= 0 && stored < tourSteps.length ? stored : null;
  });
  const go = useCallback((next: number | null) => {
    writeSetting("tour", next === null ? null : String(next));
    setStep(next);
  }, []);

  useEffect(() => {
    if (step === null) return;
    const hear = (event: Event) => {
      const next = stepAfter(step, (event as CustomEvent<TourEvent>).detail);
      if (next !== step) go(next);
    };
    window.addEventListener(eventName, hear);
    return () => window.removeEventListener(eventName, hear);
  }, [step, go]);

  const value = useMemo<TourState>(
    () => ({ step, start: () => go(0), stop: () => go(null), go }),
    [step, go],
  );
  return <TourContext value={value}>{props.children}</TourContext>;
}

// Outlines the element of a step as soon as it is there, and again when a page draws it anew.
function useOutline(step: TourStep | null): void {
  const target = step?.target ?? null;
  useEffect(() => {
    if (!target) return;
    const mark = () => {
      for (const element of document.querySelectorAll(".tour-target")) {
        if ((element as HTMLElement).dataset.tour !== target)
          element.classList.remove("tour-target");
      }
      document.querySelector(`[data-tour="${target}"]`)?.classList.add("tour-target");
    };
    mark();
    const watch = new MutationObserver(mark);
    watch.observe(document.body, { childList: true, subtree: true });
    return () => {
      watch.disconnect();
      for (const element of document.querySelectorAll(".tour-target")) {
        element.classList.remove("tour-target");
      }
    };
  }, [target]);
}

export function Tour() {
  const { step, stop, go } = useTour();
  const present = step === null ? null : (tourSteps[step] ?? null);
  const t = useT();
  const live = useLive();
  const [location] = useLocation();
  const panel = useRef<HTMLElement>(null);
  useOutline(present);

  // Leaves room below, so that what has the focus is not covered by the panel.
  useEffect(() => {
    document.documentElement.classList.toggle("touring", present !== null);
    return () => document.documentElement.classList.remove("touring");
  }, [present]);

  // A new step is read out; the focus stays where somebody is working, except at the start.
  const title = present ? t(present.title as "tour.today-title") : null;
  const text = present ? t(present.text as "tour.today-text") : null;
  const first = useRef(true);
  useEffect(() => {
    if (title === null || text === null) {
      first.current = true;
      return;
    }
    if (first.current) panel.current?.focus();
    else live.announce(`${title}. ${text}`);
    first.current = false;
  }, [title, text, live]);

  if (step === null || !present) return null;
  const elsewhere = present.place !== null && !location.startsWith(present.place);
  const last = step === tourSteps.length - 1;
  return (
    <section
      className="tour"
      ref={panel}
      tabIndex={-1}
      aria-labelledby="tour-title"
      aria-describedby="tour-text"
      onKeyDown={(event) => {
        if (event.key === "Escape") stop();
      }}
    >
      <p className="tour-number">
        <Text k="tour.number" step={step + 1} steps={tourSteps.length} />
      </p>
      <h2 id="tour-title">{title}</h2>
      <p id="tour-text">{text}</p>
      {elsewhere && present.place ? (
        <p>
          <Link href={present.link ?? present.place}>
            <Text k="tour.go-there" />
          </Link>
        </p>
      ) : null}
      <div className="tour-actions">
        {step > 0 ? (
          <Button small onPress={() => go(step - 1)}>
            <Text k="tour.back" />
          </Button>
        ) : null}
        {last ? null : (
          <Button small kind="primary" onPress={() => go(step + 1)}>
            <Text k="tour.next" />
          </Button>
        )}
        <Button small kind={last ? "primary" : "quiet"} onPress={stop}>
          <Text k={last ? "tour.finish" : "tour.stop"} />
        </Button>
      </div>
    </section>
  );
}
