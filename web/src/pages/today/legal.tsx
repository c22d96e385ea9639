// The legal clock: what the register makes due in the next days, and duties whose day is over. Each
// leads to the article from which it follows, and says on what it rests.
import { Link } from "wouter";
import { useNode } from "../../api/queries.ts";
import type { LegalDate } from "../../api/types.ts";
import { Data, Sentence, Text, useCatalogue } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { DateTime, relativeDay } from "../../ui/date-time.tsx";

// `more`: how many of these days the node counts and does not list.
export function LegalDates(props: { dates: readonly LegalDate[]; more: number }) {
  const { dates, more } = props;
  const tone = dates.some((date) => date.late) ? "bad" : dates.length > 0 ? "info" : "neutral";
  return (
    <section className="panel today-section today-legal" aria-labelledby="today-legal">
      <h2 id="today-legal">
        <Text k="today-page.legal" /> <Badge tone={tone}>{dates.length + more}</Badge>
      </h2>
      {dates.length === 0 ? (
        <p className="soft">
          <Text k="today-page.legal-none" />
        </p>
      ) : (
        <ul className="today-items">
          {dates.map((date) => (
            <li key={date.id} className={date.late ? "late" : undefined} data-kind={date.kind}>
              <Line date={date} />
            </li>
          ))}
        </ul>
      )}
      {more > 0 ? (
        <p className="soft">
          <Text k="today-page.legal-more" count={more} />
        </p>
      ) : null}
    </section>
  );
}

function Line(props: { date: LegalDate }) {
  const { date } = props;
  const anchor = date.clause === null ? "" : `#${encodeURIComponent(date.clause)}`;
  return (
    <>
      <p className="today-what">
        <Link href={`${date.link}${anchor}`}>
          <Sentence phrase={date.what} />
        </Link>
      </p>
      <p className="today-when">
        {date.late ? (
          <Badge tone="bad">
            <Text k="today-page.is-late" />
          </Badge>
        ) : null}
        <Day date={date} />
        {" · "}
        <Data>{date.title}</Data>
        {date.article === null ? null : (
          <>
            {" · "}
            <Data>{date.article}</Data>
          </>
        )}
      </p>
      {date.sentence || date.suspended || date.rests_on.length > 0 ? (
        <ul className="today-rests">
          {date.sentence ? (
            <li>
              <Sentence phrase={date.sentence} />
            </li>
          ) : null}
          {date.suspended ? (
            <li>
              <Sentence phrase={{ key: "calendar.suspended" }} />
            </li>
          ) : null}
          {date.rests_on.map((rest) => (
            <li key={JSON.stringify(rest)}>
              <Sentence phrase={rest} />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

// One day, or the days between which it lies. How far it is away is told by the day about which the
// law is asked, which an exercise may have set ahead.
function Day(props: { date: LegalDate }) {
  const { first, last } = props.date;
  const catalogue = useCatalogue();
  const node = useNode();
  const today = node.data?.treaty_now.slice(0, 10);
  if (first !== last) {
    return (
      <>
        <Text k="today-page.legal-between" /> <DateTime value={first} /> – <DateTime value={last} />
      </>
    );
  }
  return (
    <>
      <DateTime value={first} />
      {today ? (
        <>
          {" · "}
          {relativeDay(first, today, catalogue.locale)}
        </>
      ) : null}
    </>
  );
}
