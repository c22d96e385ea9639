// What the pages of agreements, exchange and coverage have in common.
import { Fragment, type ReactNode, useCallback, useMemo } from "react";
import { Link } from "wouter";
import { useParties } from "../../api/queries.ts";
import type { Phrase } from "../../api/types.ts";
import { Data, Sentence, Text, useT } from "../../i18n/text.tsx";
import { PartyName } from "../../ui/citation.tsx";

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

const party = /^[A-Z][A-Z0-9-]*$/;

// Who can supply what is missing. The verdict names them in fixed words (docs/formats/verdict.md, "Needs"); what is
// not one of these is shown as it is.
export function FromWhom(props: { from: string | Phrase }) {
  const { from } = props;
  if (typeof from !== "string") return <Sentence phrase={from} />;
  if (from === "the sender") return <Text k="record.from-sender" />;
  if (from === "the originator") return <Text k="record.from-originator" />;
  const persons = /^two (officers|legal advisers) of ([A-Z][A-Z0-9-]*)$/.exec(from);
  if (persons?.[2]) {
    const key = persons[1] === "officers" ? "from.two-officers" : "from.two-legal-advisers";
    return <Sentence phrase={{ key, args: { party: { key: `party.${persons[2]}` } } }} />;
  }
  const codes = from.split(" and ");
  if (codes.every((code) => party.test(code)))
    return (
      <ul className="inline-list">
        {codes.map((code) => (
          <li key={code}>
            <PartyName code={code} />
          </li>
        ))}
      </ul>
    );
  return <Data>{from}</Data>;
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
