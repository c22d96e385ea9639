// What stands on the screen: the set-up page, the sign-in page, or the shell with its pages.
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useT } from "../i18n/text.tsx";
import { SignInPage } from "../pages/sign-in/index.tsx";
import { ErrorBanner, Loading } from "../ui/banner.tsx";
import { LiveProvider } from "../ui/live.tsx";
import { Door } from "./door.tsx";
import { ModeProvider } from "./exercise.tsx";
import { LanguageProvider } from "./language.tsx";
import { useSessionState } from "./session.tsx";

const Shell = lazy(() => import("./shell.tsx"));
const SetupPage = lazy(() => import("../pages/setup/index.tsx"));

export function App() {
  const { session } = useSessionState();
  const [location] = useLocation();
  const setup = location === "/setup";
  return (
    <LanguageProvider law={Boolean(session) && !setup}>
      <LiveProvider>
        <ModeProvider unanswered={(error, retry) => <Unanswered error={error} retry={retry} />}>
          <Suspense fallback={<Loading />}>{setup ? <SetupPage /> : <Main />}</Suspense>
        </ModeProvider>
      </LiveProvider>
    </LanguageProvider>
  );
}

function Unanswered(props: { error: unknown; retry: () => void }) {
  const t = useT();
  return (
    <Door title={t("sign-in.title")}>
      <h1 className="visually-hidden">Comity</h1>
      <ErrorBanner error={props.error} retry={props.retry} />
    </Door>
  );
}

function Main() {
  const { session, failure, renew } = useSessionState();
  if (session === undefined) {
    return failure ? <Unanswered error={failure} retry={() => void renew()} /> : <Loading />;
  }
  if (session === null) return <SignInPage />;
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/today" replace />
      </Route>
      <Route path="/sign-in">
        <Redirect to="/today" replace />
      </Route>
      <Route>
        <Shell />
      </Route>
    </Switch>
  );
}
