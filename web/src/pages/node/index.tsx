// The node itself: peers and pairing, accounts, officers and what waits for their signatures, the
// ledger, and what the doctor finds. Each is a page of its own below /node.
import { lazy } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { type Action, may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { type MessageKey, Text, useT } from "../../i18n/text.tsx";
import { NoRole } from "./no-role.tsx";
import "./node.css";

const parts: readonly {
  path: string;
  title: MessageKey;
  needs: Action;
  page: ReturnType<typeof lazy>;
}[] = [
  {
    path: "/node/peers",
    title: "node.peers",
    needs: "peers.read",
    page: lazy(() => import("./peers.tsx")),
  },
  {
    path: "/node/pairing",
    title: "node.pairing",
    needs: "pairings.create",
    page: lazy(() => import("./pairing.tsx")),
  },
  {
    path: "/node/accounts",
    title: "node.accounts",
    needs: "node.read",
    page: lazy(() => import("./accounts.tsx")),
  },
  {
    path: "/node/officers",
    title: "node.officers",
    needs: "officers.read",
    page: lazy(() => import("./officers.tsx")),
  },
  {
    path: "/node/ledger",
    title: "node.ledger",
    needs: "ledger.read",
    page: lazy(() => import("./ledger.tsx")),
  },
  {
    path: "/node/doctor",
    title: "node.doctor",
    needs: "doctor.read",
    page: lazy(() => import("./doctor.tsx")),
  },
];

export default function NodePages() {
  const session = useSession();
  const t = useT();
  const [location] = useLocation();
  const mine = parts.filter((part) => may(session, part.needs));
  return (
    <>
      <nav className="nav subnav" aria-label={t("node.parts")}>
        <ul>
          {mine.map((part) => (
            <li key={part.path}>
              <Link
                href={part.path}
                className="nav-link"
                aria-current={location.startsWith(part.path) ? "page" : undefined}
              >
                <Text k={part.title as "nav.today"} />
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Switch>
        <Route path="/node">
          <Redirect to={mine[0]?.path ?? "/node/accounts"} replace />
        </Route>
        {parts.map((part) => (
          <Route key={part.path} path={part.path}>
            {may(session, part.needs) ? (
              <part.page />
            ) : (
              <NoRole title={t(part.title as "nav.today")} />
            )}
          </Route>
        ))}
        <Route>
          <NoRole title={t("page.unknown")} unknown />
        </Route>
      </Switch>
    </>
  );
}
