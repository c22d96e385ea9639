// The pyramid of levels and the web of agreements: the node's drawings, and what is in them as a text.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { getText, path, pathOf, type Query } from "../../api/client.ts";
import { keyOf, useMode } from "../../api/queries.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useCatalogue, useT } from "../../i18n/text.tsx";
import { ErrorBanner, Loading } from "../../ui/banner.tsx";
import { dateText } from "../../ui/date-time.tsx";
import { usePartyText } from "../exchange/parts.tsx";
import { type Drawn, drawnIn } from "./drawn.ts";
import { Downloads } from "./parts.tsx";
import { DayField, PartyField, useQuestion } from "./question.tsx";
import { fileName, modeText } from "./sheets.ts";

const kinds = ["pyramid", "web"] as const;
type Kind = (typeof kinds)[number];
const svg = "image/svg+xml";
const everybody = "all";

export default function DrawingsPage() {
  const t = useT();
  const { filters, change, own, party, day, ready } = useQuestion();
  const all = filters.of === everybody;
  return (
    <Page title={t("drawings.title")} lead={<Text k="drawings.lead" />}>
      <search className="filters">
        <PartyField
          value={all ? "" : party}
          all={t("drawings.all")}
          onChange={(code) =>
            change(code === "" ? { of: everybody } : { of: "", party: code === own ? "" : code })
          }
        />
        <DayField value={day} onChange={(at) => change({ at })} />
      </search>
      {ready ? (
        kinds.map((kind) => <Drawing key={kind} kind={kind} party={all ? "" : party} day={day} />)
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Drawing(props: { kind: Kind; party: string; day: string }) {
  const { kind, party, day } = props;
  const t = useT();
  const catalogue = useCatalogue();
  const name = usePartyText();
  const mode = useMode().data;
  const route = path`/coverage/drawings/${kind}`;
  const query: Query = { party, at: day, lang: catalogue.language };
  const found = useQuery<string, Error>({
    queryKey: [...keyOf(route, query), "text"],
    queryFn: ({ signal }) => getText(route, svg, query, signal),
    placeholderData: keepPreviousData,
  });
  const drawn = useMemo(
    () => (found.data ? drawnIn(new DOMParser().parseFromString(found.data, svg)) : null),
    [found.data],
  );
  const address = pathOf(route, query);
  const of = { day: dateText(day, catalogue.locale, null) ?? day };
  const label = party
    ? t(`drawings.${kind}-of` as const, { ...of, party: name(party) })
    : t(`drawings.${kind}-all` as const, of);
  const parts = [kind, party || everybody, day, mode ? modeText(mode) : ""];
  return (
    <section aria-labelledby={`drawing-${kind}`}>
      <h2 id={`drawing-${kind}`}>
        <Text k={`drawings.${kind}` as const} />
      </h2>
      {found.error ? (
        <ErrorBanner error={found.error} retry={() => void found.refetch()} />
      ) : (
        <figure className="drawing" aria-busy={found.isPlaceholderData}>
          {/* A region that scrolls has to be reached by the keyboard. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above */}
          <section className="drawing-frame" tabIndex={0} aria-label={label}>
            <img src={address} alt={label} />
          </section>
          <figcaption>
            <Downloads>
              <a
                className="button button-plain button-small"
                href={address}
                download={fileName(parts, "svg")}
              >
                <Text k="drawings.svg" />
              </a>
            </Downloads>
          </figcaption>
        </figure>
      )}
      {drawn ? <Twin drawn={drawn} /> : found.error ? null : <Loading />}
    </section>
  );
}

// The same in words, taken from the drawing itself, so that the two cannot differ.
function Twin(props: { drawn: Drawn }) {
  const { drawn } = props;
  return (
    <details className="drawing-twin">
      <summary>
        <Text k="drawings.twin" />
      </summary>
      <div className="stack">
        {drawn.summary.map((line) => (
          <p key={line}>
            <Data>{line}</Data>
          </p>
        ))}
        {drawn.groups.map((group) => (
          <div key={group.heading}>
            {group.heading ? (
              <h3>
                <Data>{group.heading}</Data>
              </h3>
            ) : null}
            <ul className="plain-list">
              {group.items.map((item, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one drawing
                <li key={i}>
                  <Data>{item.name}</Data>
                  {item.about ? (
                    <span className="soft">
                      {" – "}
                      <Data>{item.about}</Data>
                    </span>
                  ) : null}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </details>
  );
}
