import { lazy, Suspense } from "react";
import { Loading } from "../../ui/banner.tsx";
import "../exchange/exchange.css";
import "./coverage.css";

const CoveragePage = lazy(() => import("./coverage-page.tsx"));

export default function Coverage() {
  return (
    <Suspense fallback={<Loading />}>
      <CoveragePage />
    </Suspense>
  );
}
