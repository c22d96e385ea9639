// Whether the node plays an exercise, which every page says, also before anybody is signed in: the
// banner on top and at the bottom, the watermark behind, on the screen as on paper. No page is shown
// before the node has said it.
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useMode } from "../api/queries.ts";
import type { Mode } from "../api/types.ts";
import { Data, Text } from "../i18n/text.tsx";
import { Loading } from "../ui/banner.tsx";

const ModeContext = createContext<Mode | undefined>(undefined);

// `unanswered` is shown when the node does not say its mode.
export function ModeProvider(props: {
  children: ReactNode;
  unanswered: (error: Error, retry: () => void) => ReactNode;
}) {
  const { data, error, refetch } = useMode();
  // Kept while it is asked anew: a page must not go away under somebody who fills it in.
  const [last, setLast] = useState<Mode>();
  useEffect(() => {
    if (data) setLast(data);
  }, [data]);
  const mode = data ?? last;
  const exercise = mode?.mode === "exercise";
  useEffect(() => {
    document.documentElement.classList.toggle("exercise", exercise);
  }, [exercise]);
  if (!mode) return error ? props.unanswered(error, () => void refetch()) : <Loading />;
  return <ModeContext value={mode}>{props.children}</ModeContext>;
}

export function ExerciseBanner() {
  const mode = useContext(ModeContext);
  if (mode?.mode !== "exercise") return null;
  return (
    <p className="exercise-banner">
      <strong>
        <Text k="exercise.banner" />
      </strong>{" "}
      {mode.exercise ? (
        <span className="exercise-name">
          <Data>{mode.exercise}</Data>
        </span>
      ) : null}
    </p>
  );
}
