// The ground of an answer: instrument, article, and the article's sentence in the reader's language.
import { Link } from "wouter";
import type { Citation as CitationData } from "../api/types.ts";
import { Data, Sentence, Text, Word } from "../i18n/text.tsx";

export function Citation(props: { citation: CitationData; short?: boolean }) {
  const c = props.citation;
  // The party's own overlay stands on the page of the list, for it is no agreement.
  const paper = c.instrument.startsWith("overlay-") ? "" : `/${encodeURIComponent(c.instrument)}`;
  const place = `/agreements${paper}#${encodeURIComponent(c.clause)}`;
  return (
    <cite className="citation">
      <span className="citation-place">
        <Link href={place}>
          <Data>{c.title || c.instrument}</Data>
          {c.article ? (
            <>
              {", "}
              <Data>{c.article}</Data>
            </>
          ) : null}
        </Link>
        {c.status ? (
          <span className="citation-status">
            <Word list="status" code={c.status} />
          </span>
        ) : null}
      </span>
      {!props.short && c.sentence ? (
        <span className="citation-sentence">
          <Sentence phrase={c.sentence} />
        </span>
      ) : null}
      {!props.short && c.says ? (
        <q className="citation-says">
          <Data>{c.says}</Data>
        </q>
      ) : null}
    </cite>
  );
}

// A party: its name in the reader's language, its code for whoever knows codes.
export function PartyName(props: { code: string; name?: string }) {
  return (
    <span className="party">
      <Word list="party" code={props.code} {...(props.name ? { fallback: props.name } : {})} />
      <Data code>{props.code}</Data>
    </span>
  );
}

export function Citations(props: { citations: readonly CitationData[]; short?: boolean }) {
  if (props.citations.length === 0) return <Text k="citation.none" />;
  return (
    <ul className="citations">
      {props.citations.map((citation) => (
        <li key={`${citation.instrument} ${citation.clause}`}>
          <Citation citation={citation} short={props.short ?? false} />
        </li>
      ))}
    </ul>
  );
}
