// Small marks. Each says in words what its colour and shape say, so that none depends on colour.
import type { ReactNode } from "react";
import { Word } from "../i18n/text.tsx";

export type Tone = "neutral" | "good" | "warn" | "bad" | "info";

export function Badge(props: { tone?: Tone; children: ReactNode }) {
  return <span className={`badge badge-${props.tone ?? "neutral"}`}>{props.children}</span>;
}

export type Verdict = "permitted" | "needs" | "forbidden" | "no-basis";

// Shapes: tick, open ring with a gap, cross, question mark. Drawn, not typed: a font's tick differs.
const shapes: { readonly [V in Verdict]: string } = {
  permitted: "M4 8.5l3 3 5.5-7",
  needs: "M8 3a5 5 0 1 1-4.6 3M8 5.6V8.4l2 1.4",
  forbidden: "M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
  "no-basis": "M5.6 6a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.8-1.1 1.7M8 12.4v.2",
};

export function VerdictIcon(props: { verdict: Verdict }) {
  return (
    <svg className={`verdict-icon verdict-${props.verdict}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[props.verdict]} />
    </svg>
  );
}

export function VerdictBadge(props: { verdict: Verdict }) {
  return (
    <span className={`verdict verdict-${props.verdict}`}>
      <VerdictIcon verdict={props.verdict} />
      <Word list="verdict" code={props.verdict} />
    </span>
  );
}

export function TlpBadge(props: { tlp: string }) {
  return <span className={`tlp tlp-${props.tlp}`}>{`TLP:${props.tlp.toUpperCase()}`}</span>;
}
