// The frame of every page: exercise banner, handling label, navigation, the page, and the same
// labels at the bottom, on the screen as on paper.
import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useRef, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { listen } from "../api/events.ts";
import { useNode } from "../api/queries.ts";
import type { Node } from "../api/types.ts";
import { Data, Text, useT, Word } from "../i18n/text.tsx";
import { Banner, EmptyState, Loading } from "../ui/banner.tsx";
import { Button } from "../ui/button.tsx";
import { useCapital } from "../ui/capitals.ts";
import { ClockProvider, DateTime } from "../ui/date-time.tsx";
import { Mark } from "./door.tsx";
import { ExerciseBanner } from "./exercise.tsx";
import { type Handling, HandlingProvider, Page } from "./page.tsx";
import { LanguageSelect, Preferences } from "./preferences.tsx";
import { may } from "./roles.ts";
import { type Area, areas } from "./routes.tsx";
import { SearchField } from "./search-field.tsx";
import { useSession, useSessionState } from "./session.tsx";
import { SessionWatch } from "./session-watch.tsx";
import { Tour, TourProvider } from "./tour.tsx";

export default function Shell() {
  const client = useQueryClient();
  const node = useNode();
  const [handling, setHandling] = useState<Handling>(null);
  const [connected, setConnected] = useState(true);
  const capital = useCapital(node.data?.party ?? null);

  useEffect(() => listen(client, setConnected), [client]);

  return (
    <ClockProvider capital={capital}>
      <HandlingProvider value={setHandling}>
        <TourProvider>
          <a className="skip" href="#main">
            <Text k="nav.skip" />
          </a>
          <div className="labels labels-top">
            <ExerciseBanner />
            <HandlingLabel handling={handling} />
          </div>
          <Header node={node.data} said={node.dataUpdatedAt} />
          <main id="main" tabIndex={-1} className="main">
            {connected ? null : (
              <Banner tone="warn">
                <p role="status">
                  <Text k="page.not-live" />
                </p>
              </Banner>
            )}
            <Suspense fallback={<Loading />}>
              <Pages />
            </Suspense>
          </main>
          <Tour />
          <Footer node={node.data} />
          <div className="labels labels-bottom">
            <HandlingLabel handling={handling} />
            <ExerciseBanner />
          </div>
          <SessionWatch />
        </TourProvider>
      </HandlingProvider>
    </ClockProvider>
  );
}

function HandlingLabel(props: { handling: Handling }) {
  return (
    <p className="handling">
      {props.handling ? (
        <>
          <span className="visually-hidden">
            <Text k="handling.label" />
          </span>
          <span className={`tlp tlp-${props.handling}`} dir="ltr">
            {`TLP:${props.handling.toUpperCase()}`}
          </span>
        </>
      ) : (
        <Text k="handling.internal" />
      )}
    </p>
  );
}

function Header(props: { node: Node | undefined; said: number }) {
  const session = useSession();
  const t = useT();
  return (
    <header className="top">
      <div className="top-row">
        <Link href="/today" className="brand">
          <Mark />
          <span>Comity</span>
        </Link>
        {props.node ? (
          <span className="top-party">
            <Word list="party" code={props.node.party} fallback={props.node.party_name} />
          </span>
        ) : null}
        <span className="top-clock">
          {props.node ? <NodeClock node={props.node} said={props.said} /> : null}
        </span>
        <div className="top-tools">
          {may(session, "records.read") ? <SearchField /> : null}
          <LanguageSelect />
          <Menu />
        </div>
      </div>
      <nav className="nav" aria-label={t("nav.label")}>
        <ul>
          {areas
            .filter((area) => open(area, session))
            .map((area) => (
              <li key={area.path}>
                <NavLink area={area} />
              </li>
            ))}
        </ul>
      </nav>
      {session.break_glass ? (
        <p className="break-glass">
          <Text k="session.break-glass" />
        </p>
      ) : null}
    </header>
  );
}

// Who is signed in, and the settings. Closes by Escape, and when the focus goes elsewhere.
function Menu() {
  const session = useSession();
  const { signOut } = useSessionState();
  const t = useT();
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (menu.current) menu.current.open = false;
  };
  return (
    <details
      ref={menu}
      className="menu"
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) close();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !menu.current?.open) return;
        close();
        menu.current.querySelector("summary")?.focus();
      }}
    >
      <summary className="button button-quiet">
        <span className="menu-name">
          <Data>{session.name}</Data>
        </span>
        <span className="visually-hidden">
          <Text k="preferences.open" />
        </span>
      </summary>
      <div className="menu-body">
        <p className="menu-roles">
          <Data>{session.account}</Data>
          {": "}
          {session.roles.map((role) => t(`account-role.${role}`)).join(" · ")}
        </p>
        <Preferences />
        <Button onPress={() => void signOut()}>
          <Text k="session.sign-out" />
        </Button>
      </div>
    </details>
  );
}

// How often the clock is drawn anew; it shows minutes.
const clockMs = 10_000;

// The clock that the law is asked by: in an exercise it may be ahead of the wall's. It goes on from
// the instant that the node said, by the time that passed here since, so that a wrong clock of this
// machine does not matter.
function NodeClock(props: { node: Node; said: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), clockMs);
    return () => clearInterval(timer);
  }, []);
  const treaty = Date.parse(props.node.treaty_now);
  const apart = Math.abs(treaty - Date.parse(props.node.now)) > 60_000;
  const shown = new Date(treaty + Math.max(0, now - props.said));
  return (
    <>
      <span className={apart ? "top-clock-apart" : "visually-hidden"}>
        <Text k={apart ? "clock.exercise" : "clock.now"} />
      </span>{" "}
      <DateTime value={shown.toISOString()} />
    </>
  );
}

function open(area: Area, session: Parameters<typeof may>[0]): boolean {
  return area.needs.length === 0 || area.needs.some((action) => may(session, action));
}

function NavLink(props: { area: Area }) {
  const [location] = useLocation();
  const here = location === props.area.path || location.startsWith(`${props.area.path}/`);
  return (
    <Link href={props.area.path} className="nav-link" aria-current={here ? "page" : undefined}>
      <Text k={props.area.title as "nav.today"} />
    </Link>
  );
}

function Pages() {
  const session = useSession();
  const t = useT();
  return (
    <Switch>
      {areas.map((area) => (
        <Route key={area.path} path={`${area.path}/*?`}>
          {open(area, session) ? (
            <area.page />
          ) : (
            <Page title={t(area.title as "nav.today")}>
              <EmptyState title={<Text k="page.not-for-role" />} />
            </Page>
          )}
        </Route>
      ))}
      <Route>
        <Page title={t("page.unknown")}>
          <EmptyState
            title={<Text k="page.unknown-why" />}
            action={
              <Link href="/today">
                <Text k="nav.today" />
              </Link>
            }
          />
        </Page>
      </Route>
    </Switch>
  );
}

function Footer(props: { node: Node | undefined }) {
  return (
    <footer className="foot">
      <p>
        <span className="unreviewed-mark">†</span> <Text k="text.unreviewed-page" />
      </p>
      {props.node ? (
        <p className="foot-node">
          <Text k="foot.version" version={props.node.version} />
          {" · "}
          <Text k="foot.register" digest={props.node.register.slice(0, 16)} />
        </p>
      ) : null}
    </footer>
  );
}
