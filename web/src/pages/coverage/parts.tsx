// Words and lists that the pages of coverage have in common.
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Link } from "wouter";
import type { CoverageCell, CoverageClaim, CoverageRow } from "../../api/types.ts";
import { Data, Text, useCatalogue, useT, Word } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Listed } from "../exchange/parts.tsx";
import { type Look, letter, lookOf } from "./legend.ts";

export function LookWord(props: { look: Look }) {
  return props.look === "claimed" ? (
    <Word list="coverage-state" code="claimed" />
  ) : (
    <Word list="basis" code={props.look} />
  );
}

export function useLookText(): (look: Look) => string {
  const t = useT();
  return useCallback(
    (look: Look) => (look === "claimed" ? t.word("coverage-state", look) : t.word("basis", look)),
    [t],
  );
}

// Letter and word of a cell, as on the map.
export function CellLook(props: { cell: CoverageRow | CoverageCell }) {
  return (
    <span className="row basis-cell">
      <span className="basis-letter" aria-hidden="true" dir="ltr">
        {letter(props.cell)}
      </span>
      <LookWord look={lookOf(props.cell)} />
    </span>
  );
}

export function AgreementLink(props: { id: string; title: string }) {
  return (
    <Link href={`/agreements/${encodeURIComponent(props.id)}`}>
      <Data>{props.title || props.id}</Data>
    </Link>
  );
}

// What is only claimed: by which agreement, at which level, and who says so.
export function Claims(props: { claims: readonly CoverageClaim[]; short?: boolean }) {
  return (
    <ul className="citations">
      {props.claims.map((claim) => (
        <li key={`${claim.instrument} ${claim.level} ${claim.by}`}>
          <AgreementLink id={claim.instrument} title={claim.title} />{" "}
          <span className="soft">
            <Word list="level" code={claim.level} />
            {props.short ? null : (
              <>
                {", "}
                <Text k="coverage.claimed-by" by={claim.by} /> <Data code>{claim.provenance}</Data>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

// Areas as words; a long list folds up under its number.
const areasShownMax = 4;

export function Areas(props: { areas: readonly string[] }) {
  const [open, setOpen] = useState(false);
  if (props.areas.length === 0) return "–";
  const list = () => (
    <Listed items={props.areas.map((area) => <Word key={area} list="area" code={area} />)} />
  );
  if (props.areas.length <= areasShownMax) return list();
  return (
    // Hundreds of these stand in one table: what is folded up is not even there.
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Text k="coverage.areas" count={props.areas.length} />
      </summary>
      {open ? list() : null}
    </details>
  );
}

// On everything that rests on what is not law. A word in a frame, so that it survives paper and grey.
export function SupposedMark() {
  return (
    <Badge tone="warn">
      <Text k="what-if.supposed" />
    </Badge>
  );
}

// A text of ours as a file to keep. The address of a page is its own memory: nothing is sent anywhere.
export function SheetLink(props: { name: string; text: string; type: string; label: ReactNode }) {
  const { name, text, type } = props;
  const save = useMemo(
    () => () => {
      const address = URL.createObjectURL(new Blob([text], { type }));
      const link = document.createElement("a");
      link.href = address;
      link.download = name;
      link.click();
      // The browser has begun to read it by then.
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
    [name, text, type],
  );
  return (
    <button type="button" className="button button-plain button-small" onClick={save}>
      {props.label}
    </button>
  );
}

export function Downloads(props: { children: ReactNode }) {
  const t = useT();
  return (
    <section className="downloads" aria-label={t("coverage.downloads")}>
      {props.children}
    </section>
  );
}

// Rows by the name of their party, as the reader's language orders them.
export function useByName<R extends { party: string }>(
  rows: readonly R[],
  name: (code: string) => string,
): readonly R[] {
  const catalogue = useCatalogue();
  return useMemo(
    () => [...rows].sort((a, b) => name(a.party).localeCompare(name(b.party), catalogue.locale)),
    [rows, name, catalogue.locale],
  );
}
