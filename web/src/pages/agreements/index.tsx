import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Loading } from "../../ui/banner.tsx";
import "../exchange/exchange.css";
import "./agreements.css";

const Register = lazy(() => import("./register-page.tsx"));
const Sheet = lazy(() => import("./agreement-page.tsx"));

export default function Agreements() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/agreements/:id">{({ id }) => <Sheet key={id} id={id} />}</Route>
        <Route component={Register} />
      </Switch>
    </Suspense>
  );
}
