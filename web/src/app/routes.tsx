// Paths of the pages; each area is a chunk of its own, loaded when it is first opened.
import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { MessageKey } from "../i18n/text.tsx";
import type { Action } from "./roles.ts";

export interface Area {
  // Beginning of its paths; pages below are the area's own matter.
  path: string;
  title: MessageKey;
  // One of these lets somebody in; empty: everyone who is signed in.
  needs: readonly Action[];
  page: LazyExoticComponent<ComponentType>;
}

export const areas: readonly Area[] = [
  {
    path: "/today",
    title: "nav.today",
    needs: [],
    page: lazy(() => import("../pages/today/index.tsx")),
  },
  {
    path: "/agreements",
    title: "nav.agreements",
    needs: [],
    page: lazy(() => import("../pages/agreements/index.tsx")),
  },
  {
    path: "/exchange",
    title: "nav.exchange",
    needs: ["records.read", "outbox.read"],
    page: lazy(() => import("../pages/exchange/index.tsx")),
  },
  {
    path: "/coverage",
    title: "nav.coverage",
    needs: [],
    page: lazy(() => import("../pages/coverage/index.tsx")),
  },
  {
    path: "/node",
    title: "nav.node",
    needs: [],
    page: lazy(() => import("../pages/node/index.tsx")),
  },
];
