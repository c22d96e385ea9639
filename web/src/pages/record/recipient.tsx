// The answer for one party: the verdict's article and its sentence, what is missing and whom to ask, what it
// rests on, and what can be done about it.
import type { ReactNode } from "react";
import type { Citation as CitationData, Recipient } from "../../api/types.ts";
import { reportTour } from "../../app/tour.tsx";
import { Data, Sentence, Text, useT } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Citation, PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { FromWhom, RecordLink } from "../exchange/parts.tsx";

export function RecipientCard(props: {
  recipient: Recipient;
  // Whether the verdict is another than now.
  changed: boolean;
  // A box that chooses the party for a release, where that is possible.
  choice: ReactNode;
  // Asks the originator for consent, where the reader may.
  askConsent: (() => void) | null;
}) {
  const { recipient: r } = props;
  const t = useT();
  const asksConsent = r.needs.some((need) => need.kind === "consent");
  return (
    <li className={`recipient recipient-${r.verdict} verdict-${r.verdict}`} id={`party-${r.party}`}>
      <div className="recipient-head">
        {props.choice}
        <PartyName code={r.party} />
        {props.changed ? (
          <Badge tone="info">
            <Text k="record.changed" />
          </Badge>
        ) : null}
        {r.already ? (
          <Badge>
            <Text k="record.already" />
          </Badge>
        ) : null}
        <span className="soft">
          <Text k={`record.reach.${r.reach}` as const} />
        </span>
      </div>
      {r.verdict === "permitted" || r.verdict === "needs" ? (
        r.basis.length > 0 ? (
          <ul className="citations">
            {r.basis.map((citation) => (
              <li key={`${citation.instrument} ${citation.clause}`}>
                <Citation citation={{ ...citation, says: null }} />
              </li>
            ))}
          </ul>
        ) : null
      ) : null}
      {r.verdict === "forbidden" || r.verdict === "no-basis" ? <Reasons of={r} /> : null}
      {r.needs.length > 0 ? (
        <div className="missing">
          <p className="part-title">
            <Text k="record.missing" />
          </p>
          <ul>
            {r.needs.map((need, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one answer
              <li key={i}>
                <Sentence phrase={need.what} />
                <span className="ask">
                  <Text k="record.ask" /> <FromWhom from={need.from} />
                </span>
              </li>
            ))}
          </ul>
          {asksConsent && props.askConsent ? (
            <Button small onPress={props.askConsent}>
              <Text k="record.ask-consent" party={t.word("party", r.party)} />
            </Button>
          ) : null}
        </div>
      ) : null}
      {r.because ? (
        <p className="because">
          <RecordLink id={r.because}>
            <Text k="record.because" />
          </RecordLink>
        </p>
      ) : null}
      {r.assumed.length > 0 ? (
        <div className="assumed">
          <p className="part-title">
            <Badge tone="warn">
              <Text k="record.assumed" />
            </Badge>{" "}
            <Text k="record.assumed-text" count={r.assumed.length} />
          </p>
          <Assumed assumed={r.assumed} />
        </div>
      ) : null}
      <More of={r} />
    </li>
  );
}

// What an answer assumes, as the exercise says it (in its own language); long lists open on demand.
const assumedShown = 2;

function Assumed(props: { assumed: Recipient["assumed"] }) {
  const item = (a: Recipient["assumed"][number]) => (
    <li key={`${a.id} ${a.reason}`} lang="en">
      <Data>{a.reason}</Data>
    </li>
  );
  const { assumed } = props;
  return (
    <>
      <ul>{assumed.slice(0, assumedShown).map(item)}</ul>
      {assumed.length > assumedShown ? (
        <details>
          <summary>
            <Text k="record.more" count={assumed.length - assumedShown} />
          </summary>
          <ul>{assumed.slice(assumedShown).map(item)}</ul>
        </details>
      ) : null}
    </>
  );
}

function Reasons(props: { of: Recipient }) {
  if (props.of.reasons.length === 0) return null;
  return (
    <ul className="reasons">
      {props.of.reasons.map((reason, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one answer
        <li key={i}>
          <Sentence phrase={reason.what} />
          {reason.citation ? <Citation citation={{ ...reason.citation, says: null }} /> : null}
        </li>
      ))}
    </ul>
  );
}

// The rest of an answer: what the articles say in the words of the register, duties that come with it, advice,
// and why it is not open under other agreements.
function More(props: { of: Recipient }) {
  const { of: r } = props;
  const rests = r.verdict === "permitted" || r.verdict === "needs";
  const others = rests ? r.reasons : [];
  const said = (rests ? r.basis : r.reasons.map((reason) => reason.citation)).filter(
    (citation): citation is CitationData => Boolean(citation?.says),
  );
  if (said.length + r.duties.length + r.advice.length + others.length === 0) return null;
  return (
    <details
      className="recipient-more"
      onToggle={(event) => {
        if (event.currentTarget.open) reportTour("reason-opened");
      }}
    >
      <summary>
        <Text k="record.in-full" />
        {r.duties.length > 0 ? (
          <>
            {" · "}
            <Text k="record.duties-count" count={r.duties.length} />
          </>
        ) : null}
      </summary>
      {said.length > 0 ? (
        <>
          <p className="part-title">
            <Text k="record.article-says" />
          </p>
          <ul className="citations">
            {said.map((citation) => (
              <li key={`${citation.instrument} ${citation.clause}`}>
                <Data>{citation.article}</Data>
                {": "}
                <q className="citation-says" lang="en">
                  <Data>{citation.says ?? ""}</Data>
                </q>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {r.duties.length > 0 ? (
        <>
          <p className="part-title">
            <Text k="record.duties" />
          </p>
          <ul>
            {r.duties.map((duty, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one answer
              <li key={i}>
                <Sentence phrase={duty.what} />
                {duty.due ? (
                  <>
                    {" "}
                    <Text k="record.due" /> <DateTime value={duty.due} />
                  </>
                ) : null}
                <Citation citation={duty.citation} short />
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {others.length > 0 ? (
        <>
          <p className="part-title">
            <Text k="record.others" />
          </p>
          <ul className="reasons">
            {others.map((reason, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one answer
              <li key={i}>
                <Sentence phrase={reason.what} />
                {reason.citation ? <Citation citation={reason.citation} short /> : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {r.advice.length > 0 ? (
        <>
          <p className="part-title">
            <Text k="record.advice" />
          </p>
          <ul>
            {r.advice.map((advice, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list of one answer
              <li key={i}>
                <Sentence phrase={advice.what} />
                <Citation citation={advice.citation} short />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </details>
  );
}
