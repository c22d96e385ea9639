// A page: its title in the window and as its one heading, which takes the focus when somebody came
// here from another page; and the handling label of what it shows.
import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import { useT } from "../i18n/text.tsx";
import { useLive } from "../ui/live.tsx";

// The strictest handling of what a page shows: a TLP label, or null for what carries none.
export type Handling = string | null;

const HandlingContext = createContext<(handling: Handling) => void>(() => {});
export const HandlingProvider = HandlingContext.Provider;

const strictness = ["clear", "green", "amber", "amber+strict", "red"];

// The strictest of several labels; a label that we do not know is taken for the strictest.
export function strictest(labels: readonly string[]): Handling {
  let out: Handling = null;
  let at = -1;
  for (const label of labels) {
    const found = strictness.indexOf(label);
    const rank = found < 0 ? strictness.length : found;
    if (rank > at) {
      at = rank;
      out = found < 0 ? "red" : label;
    }
  }
  return out;
}

// Says what the page handles; the shell shows it on top, at the bottom and on paper.
export function useHandling(handling: Handling): void {
  const set = useContext(HandlingContext);
  useEffect(() => {
    set(handling);
    return () => set(null);
  }, [set, handling]);
}

// How many pages were shown since the program was loaded.
let arrivals = 0;

export function noteArrival(): void {
  ++arrivals;
}

export function Page(props: {
  title: string;
  // Beside the heading: what can be done with the whole page.
  actions?: ReactNode;
  // One sentence below the heading.
  lead?: ReactNode;
  children: ReactNode;
  exercise?: boolean;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const t = useT();
  const live = useLive();
  const title = useRef(props.title);
  title.current = props.title;

  useEffect(() => {
    // The page that somebody opened the program with leaves the focus where the browser put it.
    if (arrivals++ === 0) return;
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
    live.announce(title.current);
  }, [live]);

  useEffect(() => {
    document.title = t("app.window-title", { page: props.title });
  }, [t, props.title]);

  return (
    <>
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.actions ? <div className="page-actions">{props.actions}</div> : null}
        {props.lead ? <p className="page-lead">{props.lead}</p> : null}
      </div>
      {props.children}
    </>
  );
}
