import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";
import { Data, type MessageKey, Text } from "../i18n/text.tsx";
import { Button } from "./button.tsx";

// A notice within a page. `alert` is read out at once; others are read when reached.
export function Banner(props: {
  tone?: "info" | "warn" | "bad" | "good";
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  alert?: boolean;
}) {
  return (
    <div
      className={`banner banner-${props.tone ?? "info"}`}
      role={props.alert ? "alert" : undefined}
    >
      <div className="banner-text">
        {props.title ? <p className="banner-title">{props.title}</p> : null}
        {props.children}
      </div>
      {props.actions ? <div className="banner-actions">{props.actions}</div> : null}
    </div>
  );
}

const known: { readonly [kind: string]: MessageKey } = {
  unreachable: "error.unreachable",
  timeout: "error.timeout",
  unreadable: "error.unreadable",
  unauthenticated: "error.unauthenticated",
  "not-permitted": "error.not-permitted",
  "not-found": "error.not-found",
  conflict: "error.conflict",
  "not-verified": "error.not-verified",
  "too-large": "error.too-large",
  "too-many": "error.too-many",
  unavailable: "error.unavailable",
  corrupt: "error.corrupt",
  internal: "error.internal",
};

// What went wrong, what it means, and the node's own words for whoever mends it.
export function ErrorBanner(props: { error: unknown; retry?: () => void }) {
  const error = props.error instanceof ApiError ? props.error : null;
  const key = known[error?.kind ?? "internal"] ?? "error.refused";
  const own = error ? error.detail || error.title : String(props.error);
  return (
    <Banner
      tone="bad"
      alert
      title={<Text k={key} />}
      actions={
        props.retry ? (
          <Button small onPress={props.retry}>
            <Text k="error.retry" />
          </Button>
        ) : null
      }
    >
      {own ? (
        <p lang="en">
          <Data>{own}</Data>
          {error?.where ? (
            <>
              {" "}
              <Data code>{error.where}</Data>
            </>
          ) : null}
        </p>
      ) : null}
    </Banner>
  );
}

// A list that has nothing, and what would bring something into it.
export function EmptyState(props: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{props.title}</p>
      {props.children ? <div className="empty-text">{props.children}</div> : null}
      {props.action ? <div className="empty-action">{props.action}</div> : null}
    </div>
  );
}

export function Loading() {
  return (
    <p className="loading" role="status">
      <Text k="page.loading" />
    </p>
  );
}
