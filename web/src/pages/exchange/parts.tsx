// What the pages of agreements, exchange and coverage have in common.
import { Fragment, type ReactNode, useCallback, useMemo } from "react";
import { Link } from "wouter";
import { useParties } from "../../api/queries.ts";
import type { InboxRow, Phrase } from "../../api/types.ts";
import { Data, Sentence, Text, useT } from "../../i18n/text.tsx";
import { Citations, PartyName } from "../../ui/citation.tsx";

// Name of a party as text: in the reader's language, else as the register has it, else its code.
export function usePartyText(): (code: string) => string {
  const t = useT();
  const parties = useParties();
  const names = useMemo(
    () => new Map(parties.data?.items.map((party) => [party.code, party.name])),
    [parties.data],
  );
  return useCallback(
    (code: string) => {
      const worded = t.word("party", code);
      return worded === code ? (names.get(code) ?? code) : worded;
    },
    [t, names],
  );
}

// What stands for an agreement where two officers let something go that none speaks of.
export const discretion = "national-discretion";

// Under which articles something went, or that it claims none; and whether by hand only.
export function Basis(props: {
  row: Pick<InboxRow, "basis" | "ground" | "four_eyes">;
  short?: boolean;
}) {
  if (props.row.ground === discretion) return <Text k="exchange.discretion" />;
  const citations = <Citations citations={props.row.basis} short={props.short ?? false} />;
  if (!props.row.four_eyes) return citations;
  return (
    <>
      {citations}
      <Text k="exchange.four-eyes" />
    </>
  );
}

// Who can supply what is missing, a party with its code.
export function FromWhom(props: { from: Phrase }) {
  const { from } = props;
  const code = from.key.startsWith("party.") ? from.key.slice("party.".length) : "";
  return code ? <PartyName code={code} /> : <Sentence phrase={from} />;
}

// Name and value pairs of one thing. Rows without value are left out.
export function Facts(props: { rows: readonly (readonly [ReactNode, ReactNode])[] }) {
  return (
    <dl className="facts">
      {props.rows.map(([name, value], i) =>
        value === null || value === undefined || value === "" ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one thing
          <Fragment key={i}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

// A value of JSON for whoever wants to see what was signed or stored: left to right in every
// language, hidden characters spelled out.
export function Raw(props: { value: unknown; label: string }) {
  return (
    // A region that scrolls has to be reached by the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as above
    <section className="raw" aria-label={props.label} tabIndex={0} dir="ltr">
      <pre>
        <Data code>{JSON.stringify(props.value, null, 2)}</Data>
      </pre>
    </section>
  );
}

export function RecordLink(props: { id: string; children: ReactNode }) {
  return <Link href={`/exchange/records/${encodeURIComponent(props.id)}`}>{props.children}</Link>;
}

export function DisclosureLink(props: { id: string; children: ReactNode }) {
  return (
    <Link href={`/exchange/disclosures/${encodeURIComponent(props.id)}`}>{props.children}</Link>
  );
}

// Words of a list as one line; nothing for an empty list.
export function Listed(props: { items: readonly ReactNode[] }) {
  if (props.items.length === 0) return null;
  return (
    <ul className="inline-list">
      {props.items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one thing
        <li key={i}>{item}</li>
      ))}
    </ul>
  );
}
