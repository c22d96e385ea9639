// "Who gets this and why": every party, its verdict and the article behind it, at an instant that can be changed.
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Recipient, Record as RecordData } from "../../api/types.ts";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { reportTour } from "../../app/tour.tsx";
import { Data, Text, useCatalogue, useT, Word } from "../../i18n/text.tsx";
import { type Verdict, VerdictBadge, VerdictIcon } from "../../ui/badge.tsx";
import { ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime, dateText } from "../../ui/date-time.tsx";
import { Checkbox, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { usePartyText } from "../exchange/parts.tsx";
import { ProposeDialog } from "../releases/propose-dialog.tsx";
import { ConsentDialog } from "./consent-dialog.tsx";
import { byVerdict, differences, matching, type VerdictChange, verdicts } from "./difference.ts";
import { instantOf } from "./instant.ts";
import { InstantControl } from "./instant-control.tsx";
import { RecallDialog } from "./recall-dialog.tsx";
import { RecipientCard } from "./recipient.tsx";
import { useRecipients } from "./use-recipients.ts";

// Rows of the difference that are shown at once.
const changesShownMax = 60;

type Open = { what: "propose" | "recall" } | { what: "consent"; party: string } | null;

export function RecipientsPanel(props: { record: RecordData }) {
  const { record } = props;
  const session = useSession();
  const catalogue = useCatalogue();
  const t = useT();
  const name = usePartyText();
  const asked = useRecipients(record.id);
  const { shown, now, chosen, settled } = asked;
  const [filter, setFilter] = useState("");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<Open>(null);

  const changes = useMemo(
    () => (shown && now && chosen && settled ? differences(now, shown) : []),
    [shown, now, chosen, settled],
  );
  const turned = useMemo(() => changes.filter((c) => !c.groundOnly), [changes]);
  useAnnounced(asked, turned.length);
  useEffect(() => {
    if (shown) reportTour("record-opened");
  }, [shown]);

  const rows = useMemo(() => matching(shown?.parties ?? [], filter, name), [shown, filter, name]);
  const groups = useMemo(() => {
    const out = byVerdict(rows);
    for (const list of Object.values(out))
      list.sort((a, b) => name(a.party).localeCompare(name(b.party), catalogue.locale));
    return out;
  }, [rows, name, catalogue.locale]);
  const changed = useMemo(() => new Set(turned.map((c) => c.party)), [turned]);

  const canPropose = may(session, "release-requests.create");
  const canAsk = may(session, "consents.ask");
  const isNow = chosen === null;
  const openNow = (now?.parties ?? []).filter((r) => r.verdict === "permitted").map((r) => r.party);
  const holders = (now?.parties ?? []).filter((r) => r.already).map((r) => r.party);
  const canRecall = may(session, "recalls.create") && holders.length > 0;

  const choice = (r: Recipient) =>
    canPropose && isNow && r.verdict === "permitted" && r.reach !== "none" ? (
      <Checkbox
        checked={selected.has(r.party)}
        onChange={(on) => {
          const next = new Set(selected);
          if (on) next.add(r.party);
          else next.delete(r.party);
          setSelected(next);
        }}
      >
        <span className="visually-hidden">{t("record.choose", { party: name(r.party) })}</span>
      </Checkbox>
    ) : null;

  return (
    <section className="who" aria-labelledby="who" data-tour="recipients">
      <h2 id="who">
        <Text k="record.who" />
      </h2>
      <InstantControl
        chosen={chosen}
        now={now ? instantOf(now.at) : null}
        choose={(instant) => {
          asked.choose(instant);
          if (instant) reportTour("instant-changed");
        }}
      />
      {asked.error ? <ErrorBanner error={asked.error} retry={asked.retry} /> : null}
      {shown ? (
        <div className="who-answer" aria-busy={!settled}>
          <p className="who-at">
            {settled ? null : (
              <>
                <Text k="record.deciding" />{" "}
              </>
            )}
            <Text k={isNow ? "record.shown-now" : "record.shown-at"} />{" "}
            <DateTime value={shown.at} zone="utc" />
          </p>
          <Counts counts={shown.counts} />
          {chosen && settled ? <Difference changes={changes} /> : null}
          <div className="who-actions">
            {canPropose ? (
              <Button
                kind="primary"
                isDisabled={!isNow || openNow.length === 0}
                onPress={() => setOpen({ what: "propose" })}
              >
                <Text k="record.propose-open" count={selected.size} />
              </Button>
            ) : null}
            {canRecall ? (
              <Button kind="danger" onPress={() => setOpen({ what: "recall" })}>
                <Text k="record.recall" />
              </Button>
            ) : null}
            {canPropose && !isNow ? (
              <p className="soft">
                <Text k="record.only-now" />
              </p>
            ) : null}
            {canPropose && isNow && openNow.length === 0 ? (
              <p className="soft">
                <Text k="record.nobody-open" />
              </p>
            ) : null}
          </div>
          <TextField
            label={<Text k="record.filter" />}
            type="search"
            value={filter}
            onChange={setFilter}
          />
          {rows.length === 0 ? (
            <p role="status">
              <Text k="record.nobody-matches" />
            </p>
          ) : null}
          {verdicts.map((verdict) => (
            <Group
              key={verdict}
              verdict={verdict}
              recipients={groups[verdict]}
              changed={changed}
              open={filter !== ""}
              choice={choice}
              askConsent={canAsk && isNow ? (party) => setOpen({ what: "consent", party }) : null}
            />
          ))}
          <p className="soft">
            <Text k="record.register" /> <Data code>{shown.register}</Data>
          </p>
        </div>
      ) : asked.error ? null : (
        <Loading />
      )}
      {open?.what === "propose" ? (
        <ProposeDialog
          ids={[record.id]}
          candidates={openNow}
          chosen={[...selected].filter((party) => openNow.includes(party))}
          close={() => setOpen(null)}
          done={() => setSelected(new Set())}
        />
      ) : null}
      {open?.what === "recall" ? (
        <RecallDialog record={record.id} holders={holders} close={() => setOpen(null)} />
      ) : null}
      {open?.what === "consent" ? (
        <ConsentDialog
          record={record.id}
          purpose={record.purpose}
          recipient={open.party}
          close={() => setOpen(null)}
        />
      ) : null}
    </section>
  );
}

// Says a new answer aloud: the counts, and how many verdicts are others than now.
function useAnnounced(asked: ReturnType<typeof useRecipients>, turned: number): void {
  const t = useT();
  const live = useLive();
  const catalogue = useCatalogue();
  const said = useRef<string | null>(null);
  const { shown, chosen, settled } = asked;
  useEffect(() => {
    if (!shown || !settled) return;
    const key = chosen ? shown.at : "now";
    // The first answer is the page itself; the clock of "now" goes on without a word.
    if (said.current === null && !chosen) said.current = key;
    if (said.current === key) return;
    said.current = key;
    const counts = {
      permitted: shown.counts.permitted,
      needs: shown.counts.needs,
      forbidden: shown.counts.forbidden,
      none: shown.counts["no-basis"],
    };
    if (chosen) {
      const when = dateText(shown.at, catalogue.locale, null) ?? shown.at;
      live.announce(t("record.said-at", { when, changed: turned, ...counts }));
      if (turned > 0) reportTour("verdict-changed");
    } else live.announce(t("record.said-now", counts));
  }, [shown, chosen, settled, turned, t, live, catalogue.locale]);
}

function Counts(props: { counts: { [verdict in Verdict]: number } }) {
  const t = useT();
  return (
    <nav className="counts" aria-label={t("record.counts")}>
      <ul>
        {verdicts.map((verdict) => (
          <li key={verdict}>
            <a href={`#who-${verdict}`} className={`count count-${verdict} verdict-${verdict}`}>
              <VerdictIcon verdict={verdict} />
              <span className="count-number">{props.counts[verdict]}</span>{" "}
              <Word list="verdict" code={verdict} />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Difference(props: { changes: readonly VerdictChange[] }) {
  const t = useT();
  const turned = props.changes.filter((c) => !c.groundOnly);
  const grounds = props.changes.length - turned.length;
  const verdict = (v: Verdict | null) =>
    v === null ? <Text k="record.not-known-then" /> : <VerdictBadge verdict={v} />;
  const columns: Column<VerdictChange>[] = [
    {
      key: "party",
      title: t("record.party"),
      rowHeader: true,
      cell: (row) => (
        <a href={`#party-${row.party}`}>
          <PartyName code={row.party} />
        </a>
      ),
    },
    { key: "before", title: t("record.now"), cell: (row) => verdict(row.before) },
    { key: "after", title: t("record.then"), cell: (row) => verdict(row.after) },
  ];
  return (
    <div className="difference">
      <p className="part-title">
        <Text k="record.difference" count={turned.length} />
      </p>
      {turned.length > 0 ? (
        <Table
          caption={t("record.difference", { count: turned.length })}
          hideCaption
          columns={columns}
          rows={turned.slice(0, changesShownMax)}
          rowKey={(row) => row.party}
        />
      ) : null}
      {turned.length > changesShownMax ? (
        <p>
          <Text k="record.more" count={turned.length - changesShownMax} />
        </p>
      ) : null}
      {grounds > 0 ? (
        <p className="soft">
          <Text k="record.other-ground" count={grounds} />
        </p>
      ) : null}
    </div>
  );
}

function Group(props: {
  verdict: Verdict;
  recipients: readonly Recipient[];
  changed: ReadonlySet<string>;
  open: boolean;
  choice: (recipient: Recipient) => ReactNode;
  askConsent: ((party: string) => void) | null;
}) {
  const { verdict, recipients } = props;
  const card = (r: Recipient) => (
    <RecipientCard
      key={r.party}
      recipient={r}
      changed={props.changed.has(r.party)}
      choice={props.choice(r)}
      askConsent={props.askConsent ? () => props.askConsent?.(r.party) : null}
    />
  );
  // Without a basis there is mostly nothing to say but the name: those with a reason first, the others in one list.
  const speaks = (r: Recipient) =>
    verdict !== "no-basis" ||
    props.changed.has(r.party) ||
    r.reasons.length + r.needs.length + r.advice.length > 0 ||
    r.because !== null ||
    r.already;
  const silent = recipients.filter((r) => !speaks(r));
  const body = (
    <>
      <ul className="recipients">{recipients.filter(speaks).map(card)}</ul>
      {silent.length > 0 ? (
        <>
          <p>
            <Text k="record.no-basis-text" />
          </p>
          <ul className="names">
            {silent.map((r) => (
              <li key={r.party} id={`party-${r.party}`}>
                <PartyName code={r.party} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
  return (
    <section
      className={`group group-${verdict} verdict-${verdict}`}
      aria-labelledby={`who-${verdict}`}
    >
      <h3 id={`who-${verdict}`} tabIndex={-1}>
        <VerdictIcon verdict={verdict} /> <Word list="verdict" code={verdict} />{" "}
        <span className="group-count">{recipients.length}</span>
      </h3>
      {recipients.length === 0 ? (
        <p className="soft">
          <Text k={`record.none.${verdict}` as const} />
        </p>
      ) : verdict === "no-basis" ? (
        <details
          open={props.open || undefined}
          onToggle={(event) => {
            if (event.currentTarget.open) reportTour("reason-opened");
          }}
        >
          <summary>
            <Text k="record.show-no-basis" count={recipients.length} />
          </summary>
          {body}
        </details>
      ) : (
        body
      )}
    </section>
  );
}
