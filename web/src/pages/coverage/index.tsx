// Coverage: the map and its table, what would be if the law were another, gaps, and drawings.
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Loading } from "../../ui/banner.tsx";
import "../exchange/exchange.css";
import "./coverage.css";
import { CoverageNav } from "./nav.tsx";
import { added, type NewSupposition, type Supposition } from "./suppositions.ts";

const CoveragePage = lazy(() => import("./coverage-page.tsx"));
const WhatIfPage = lazy(() => import("./what-if-page.tsx"));
const GapsPage = lazy(() => import("./gaps-page.tsx"));
const DrawingsPage = lazy(() => import("./drawings-page.tsx"));

export default function Coverage() {
  // Here, so that it outlives a look at the gaps; it ends with the window, and no node keeps it.
  const [supposed, setSupposed] = useState<readonly Supposition[]>([]);
  // Two steps may come at once, and a file comes when it was read: each adds to the newest list.
  const newest = useRef(supposed);
  const key = useRef(0);
  const change = useCallback((list: readonly Supposition[]) => {
    newest.current = list;
    setSupposed(list);
  }, []);
  const suppose = useCallback(
    (next: NewSupposition): "there" | "full" | null => {
      const result = added(newest.current, next, key.current++);
      if (!result.ok) return result.why;
      change(result.list);
      return null;
    },
    [change],
  );
  const drop = useCallback(
    (one: Supposition) => change(newest.current.filter((other) => other !== one)),
    [change],
  );
  return (
    <>
      <CoverageNav />
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/coverage" component={CoveragePage} />
          <Route path="/coverage/what-if">
            <WhatIfPage supposed={supposed} suppose={suppose} drop={drop} />
          </Route>
          <Route path="/coverage/gaps">
            <GapsPage suppose={suppose} />
          </Route>
          <Route path="/coverage/drawings" component={DrawingsPage} />
          <Route>
            <Redirect to="/coverage" replace />
          </Route>
        </Switch>
      </Suspense>
    </>
  );
}
