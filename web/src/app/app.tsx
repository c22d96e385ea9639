// What stands on the screen: the set-up page, the sign-in page, or the shell with its pages.
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { LiveProvider } from "../ui/live.tsx";
import { ErrorBanner, Loading } from "../ui/banner.tsx";
import { SignInPage } from "../pages/sign-in/index.tsx";
import { LanguageProvider } from "./language.tsx";
import { Door } from "./door.tsx";
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
        <Suspense fallback={<Loading />}>{setup ? <SetupPage /> : <Main />}</Suspense>
      </LiveProvider>
    </LanguageProvider>
  );
}

function Main() {
  const { session, failure, renew } = useSessionState();
  if (session === undefined) {
    return failure ? (
      <Door>
        <ErrorBanner error={failure} retry={() => void renew()} />
      </Door>
    ) : (
      <Loading />
    );
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
