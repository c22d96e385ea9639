// The frame of the pages before sign-in: the name of the program, the choice of language, one card,
// and on top and at the bottom whether it is an exercise.
import { type ReactNode, useEffect } from "react";
import { Text, useT } from "../i18n/text.tsx";
import { ExerciseBanner } from "./exercise.tsx";
import { noteArrival } from "./page.tsx";
import { LanguageSelect } from "./preferences.tsx";

export function Door(props: { title: string; children: ReactNode }) {
  const t = useT();
  useEffect(() => {
    // A page that follows is one that somebody came to from here.
    noteArrival();
    document.title = t("app.window-title", { page: props.title });
  }, [t, props.title]);
  return (
    <>
      <div className="labels labels-top">
        <ExerciseBanner />
      </div>
      <div className="door">
        <header className="door-head">
          <span className="brand">
            <Mark />
            <span>Comity</span>
          </span>
          <LanguageSelect />
        </header>
        <main className="door-card" id="main">
          {props.children}
        </main>
        <footer className="door-foot">
          <p>
            <Text k="door.purpose" />
          </p>
          <p>
            <Text k="door.unreviewed" />
          </p>
        </footer>
      </div>
      <div className="labels labels-bottom">
        <ExerciseBanner />
      </div>
    </>
  );
}

// Two rings that share a part: what two parties have agreed to share.
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 20" aria-hidden="true">
      <circle cx="11" cy="10" r="8" />
      <circle cx="21" cy="10" r="8" />
    </svg>
  );
}
