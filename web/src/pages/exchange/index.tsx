// The exchange: what came, what went, what waits, and each record.
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Loading } from "../../ui/banner.tsx";
import "./exchange.css";
import { ExchangeNav } from "./nav.tsx";

const Inbox = lazy(() => import("./inbox-page.tsx"));
const Outbox = lazy(() => import("./outbox-page.tsx"));
const Records = lazy(() => import("./records-page.tsx"));
const Search = lazy(() => import("./search-page.tsx"));
const Disclosure = lazy(() => import("./disclosure-page.tsx"));
const Consents = lazy(() => import("./consents-page.tsx"));
const Recalls = lazy(() => import("./recalls-page.tsx"));
const Releases = lazy(() => import("../releases/releases-page.tsx"));
const Import = lazy(() => import("../imports/import-page.tsx"));
const RecordPage = lazy(() => import("../record/record-page.tsx"));

export default function Exchange() {
  const session = useSession();
  return (
    <>
      <ExchangeNav />
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/exchange/inbox" component={Inbox} />
          <Route path="/exchange/outbox" component={Outbox} />
          <Route path="/exchange/records" component={Records} />
          <Route path="/exchange/search" component={Search} />
          <Route path="/exchange/records/:id">
            {/* A page for each record: nothing of one is shown for a moment as another. */}
            {({ id }) => <RecordPage key={id} id={id} />}
          </Route>
          <Route path="/exchange/disclosures/:id">
            {({ id }) => <Disclosure key={id} id={id} />}
          </Route>
          <Route path="/exchange/release-requests" component={Releases} />
          <Route path="/exchange/import" component={Import} />
          <Route path="/exchange/consents" component={Consents} />
          <Route path="/exchange/recalls" component={Recalls} />
          <Route>
            <Redirect
              to={may(session, "records.read") ? "/exchange/inbox" : "/exchange/outbox"}
              replace
            />
          </Route>
        </Switch>
      </Suspense>
    </>
  );
}
