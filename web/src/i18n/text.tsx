// Words in pages: <Text k="…"/> for our own, <Sentence phrase/> for what the node says, <Word/> for
// a word of a closed list, <Data/> for everything that came from outside.
import { createContext, Fragment, type ReactNode, useContext, useMemo } from "react";
import type { Phrase } from "../api/types.ts";
import { Catalogue, type Part, pieces, type Values } from "./catalogue.ts";
import type { MessageArgs, MessageKey } from "./keys.ts";
import { phraseParts, phraseReviewed, phraseText } from "./phrase.ts";

export type { MessageKey } from "./keys.ts";

const CatalogueContext = createContext<Catalogue>(new Catalogue("en", []));

export function CatalogueProvider(props: { catalogue: Catalogue; children: ReactNode }) {
  return <CatalogueContext value={props.catalogue}>{props.children}</CatalogueContext>;
}

export function useCatalogue(): Catalogue {
  return useContext(CatalogueContext);
}

// Arguments of a message: none, or the values that its text names.
type Args<K extends MessageKey> = keyof MessageArgs[K] extends never
  ? []
  : [values: MessageArgs[K]];

export interface Translate {
  <K extends MessageKey>(key: K, ...args: Args<K>): string;
  // A word of a list: `${list}.${code}` when a catalogue has it, else the code itself.
  word(list: string, code: string): string;
  phrase(phrase: Phrase): string;
}

// Text as a string, for attributes and titles.
export function useT(): Translate {
  const catalogue = useCatalogue();
  return useMemo(() => {
    const translate = (key: MessageKey, values?: Values) => catalogue.text(key, values);
    return Object.assign(translate, {
      word: (list: string, code: string) =>
        catalogue.has(`${list}.${code}`) ? catalogue.text(`${list}.${code}`) : code,
      phrase: (phrase: Phrase) => phraseText(catalogue, phrase),
    }) as Translate;
  }, [catalogue]);
}

// Data of any direction, its deceptive characters spelled out.
export function Data(props: { children: string; code?: boolean }) {
  return (
    <bdi className={props.code ? "data code" : "data"}>
      {pieces(props.children).map((piece, i) =>
        piece.deceptive ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one fixed text
          <span key={i} className="deceptive">
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </bdi>
  );
}

function Parts(props: { parts: Part[] }) {
  return props.parts.map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one fixed text
    <Fragment key={i}>{part.kind === "data" ? <Data>{part.text}</Data> : part.text}</Fragment>
  ));
}

type TextProps<K extends MessageKey> = { k: K } & Omit<MessageArgs[K], "k">;

export function Text<K extends MessageKey>(props: TextProps<K>) {
  const catalogue = useCatalogue();
  const { k, ...values } = props;
  return (
    <span className="words" data-unreviewed={catalogue.reviewed(k) ? undefined : ""}>
      <Parts parts={catalogue.parts(k, values as Values)} />
    </span>
  );
}

// A sentence of the node. Its mark says that no human has reviewed this wording; the footer says
// what the mark means.
export function Sentence(props: { phrase: Phrase }) {
  const catalogue = useCatalogue();
  const t = useT();
  const reviewed = phraseReviewed(catalogue, props.phrase);
  return (
    <span className="words sentence" data-unreviewed={reviewed ? undefined : ""}>
      <Parts parts={phraseParts(catalogue, props.phrase)} />
      {reviewed ? null : (
        <abbr className="unreviewed-mark" title={t("text.unreviewed")}>
          †
        </abbr>
      )}
    </span>
  );
}

// A word of a closed list (`list` "class", code "indicator"); the code itself when no catalogue has
// a word for it.
export function Word(props: { list: string; code: string; fallback?: string }) {
  const catalogue = useCatalogue();
  const key = `${props.list}.${props.code}`;
  if (!catalogue.has(key)) return <Data>{props.fallback ?? props.code}</Data>;
  return (
    <span className="words" data-unreviewed={catalogue.reviewed(key) ? undefined : ""}>
      {catalogue.text(key)}
    </span>
  );
}
