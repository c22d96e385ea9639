// Today: what a duty officer has to see first. Alarms, then what is late or due, what is new and
// waits for an answer, what nobody has taken on, legal dates, and the peers in one line each.
import { Link } from "wouter";
import { path, put } from "../../api/client.ts";
import { useChange, useGet, useNode } from "../../api/queries.ts";
import type { Item, PeerLine, Today } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { useTour } from "../../app/tour.tsx";
import { type MessageKey, Sentence, Text, useCatalogue, useT } from "../../i18n/text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime, relativeText } from "../../ui/date-time.tsx";
import { useLive } from "../../ui/live.tsx";
import { Acknowledge } from "./acknowledge.tsx";
import { LegalDates } from "./legal.tsx";
import "./today.css";

export default function TodayPage() {
  const t = useT();
  const today = useGet<Today>("/today");
  const tour = useTour();
  const data = today.data;
  return (
    <Page
      title={t("nav.today")}
      lead={<Text k="today-page.lead" />}
      actions={
        tour.step === null ? (
          <Button onPress={tour.start}>
            <Text k="tour.start" />
          </Button>
        ) : null
      }
    >
      {today.error ? <ErrorBanner error={today.error} retry={() => void today.refetch()} /> : null}
      {data ? <TodayLists today={data} /> : today.error ? null : <Loading />}
    </Page>
  );
}

function TodayLists(props: { today: Today }) {
  const { late, fresh, unowned, alarms, peers, legal, legal_more: more } = props.today;
  // What is late or new stands there with its owner; nobody's list has only the rest.
  const above = new Set([...late, ...fresh, ...alarms].map((item) => item.id));
  const rest = unowned.filter((item) => !above.has(item.id));
  return (
    <div className="today">
      {alarms.length > 0 ? (
        <Section id="alarms" title="today-page.alarms" tone="bad" items={alarms} />
      ) : null}
      <Section
        id="late"
        tour="today-late"
        title="today-page.late"
        tone="bad"
        items={late}
        empty="today-page.late-none"
      />
      <Section
        id="fresh"
        title="today-page.fresh"
        tone="info"
        items={fresh}
        empty="today-page.fresh-none"
      />
      <Section
        id="unowned"
        title="today-page.unowned"
        tone="warn"
        items={rest}
        empty="today-page.unowned-none"
      />
      <LegalDates dates={legal} more={more} />
      <Peers peers={peers} />
    </div>
  );
}

function Section(props: {
  id: string;
  title: MessageKey;
  tone: Tone;
  items: readonly Item[];
  empty?: MessageKey;
  tour?: string;
}) {
  const { id, items } = props;
  return (
    <section
      className={`panel today-section today-${id}`}
      aria-labelledby={`today-${id}`}
      data-tour={props.tour}
    >
      <h2 id={`today-${id}`}>
        <Text k={props.title as "nav.today"} />{" "}
        <Badge tone={items.length > 0 ? props.tone : "neutral"}>{items.length}</Badge>
      </h2>
      {items.length === 0 && props.empty ? (
        <p className="soft">
          <Text k={props.empty as "nav.today"} />
        </p>
      ) : (
        <ul className="today-items">
          {items.map((item) => (
            <li key={item.id} className={item.late ? "late" : undefined}>
              <Line item={item} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// The alarm that somebody has to have seen. Others end when their cause does.
const acknowledged = "today.alarm-break-glass";

function Line(props: { item: Item }) {
  const { item } = props;
  const session = useSession();
  const catalogue = useCatalogue();
  const node = useNode();
  const now = node.data ? new Date(node.data.now) : new Date();
  return (
    <>
      <p className="today-what">
        <Link href={item.link}>
          <Sentence phrase={item.what} />
        </Link>
      </p>
      <p className="today-when">
        {item.late ? (
          <Badge tone="bad">
            <Text k="today-page.is-late" />
          </Badge>
        ) : null}
        {item.due ? (
          <>
            <Text k="today-page.due" /> <DateTime value={item.due} />
            {" · "}
            {relativeText(item.due, now, catalogue.locale)}
          </>
        ) : (
          <>
            <Text k="today-page.since" /> <DateTime value={item.since} />
            {" · "}
            {relativeText(item.since, now, catalogue.locale)}
          </>
        )}
      </p>
      <div className="today-owner">
        {item.kind === "alarm" ? (
          item.what.key === acknowledged && may(session, "alarms.acknowledge") ? (
            <Acknowledge item={item} />
          ) : null
        ) : (
          <Owner item={item} />
        )}
      </div>
    </>
  );
}

function Owner(props: { item: Item }) {
  const { item } = props;
  const session = useSession();
  const live = useLive();
  const t = useT();
  const change = useChange(
    (owner: "me" | null) => put<Item>(path`/today/items/${item.id}/owner`, { owner }),
    ["/today"],
  );
  const mine = item.owner === session.account;
  const set = (owner: "me" | null) =>
    change.mutate(owner, {
      onSuccess: () => live.announce(t(owner ? "today-page.taken" : "today-page.given-back")),
      onError: (error) => live.notify(error.message, "bad"),
    });
  return (
    <>
      {item.owner === null ? (
        <span className="soft">
          <Text k="today-page.nobody" />
        </span>
      ) : (
        <span>
          {mine ? <Text k="today-page.mine" /> : <Text k="today-page.owner" account={item.owner} />}
        </span>
      )}
      {may(session, "today.own") ? (
        <Button
          small
          isDisabled={change.isPending}
          onPress={() => set(mine ? null : "me")}
          aria-label={`${t(mine ? "today-page.give-back" : "today-page.take")}: ${t.phrase(item.what)}`}
        >
          <Text k={mine ? "today-page.give-back" : "today-page.take"} />
        </Button>
      ) : null}
    </>
  );
}

const peerTones: { readonly [S in PeerLine["state"]]: Tone } = {
  ok: "good",
  behind: "warn",
  unreachable: "bad",
  unknown: "neutral",
};

function Peers(props: { peers: readonly PeerLine[] }) {
  return (
    <section className="panel today-section" aria-labelledby="today-peers">
      <h2 id="today-peers">
        <Link href="/node/peers">
          <Text k="today-page.peers" />
        </Link>{" "}
        <Badge>{props.peers.length}</Badge>
      </h2>
      {props.peers.length === 0 ? (
        <EmptyState title={<Text k="peers.none" />}>
          <Text k="peers.none-help" />
        </EmptyState>
      ) : (
        <ul className="today-peers">
          {props.peers.map((peer) => (
            <li key={peer.party}>
              <PartyName code={peer.party} />{" "}
              <Badge tone={peerTones[peer.state]}>
                <Text k={`peer-state.${peer.state}`} />
              </Badge>
              {peer.receipts_missing > 0 ? (
                <span>
                  <Text k="peers.receipts-missing" count={peer.receipts_missing} />
                </span>
              ) : null}
              {peer.key_days_left !== null && peer.key_days_left < 30 ? (
                <span>
                  <Text k="peers.key-days" count={peer.key_days_left} />
                </span>
              ) : null}
              <span className="soft">
                <Text k="peers.last-seen" />{" "}
                {peer.last_seen ? <DateTime value={peer.last_seen} /> : <Text k="peers.never" />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
