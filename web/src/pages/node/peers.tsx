// Peers: reachable or not, what is missing, how long their keys last, and the digits by which the
// two sides know each other.
import { useState } from "react";
import { Link } from "wouter";
import { useGet } from "../../api/queries.ts";
import type { Peer } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Table } from "../../ui/table.tsx";
import { Digits } from "./digits.tsx";

const tones: { readonly [S in Peer["state"]]: Tone } = {
  ok: "good",
  behind: "warn",
  unreachable: "bad",
  unknown: "neutral",
};

// Days before the end of a key from which it is pointed out, as the doctor does.
const keyDaysWarn = 30;

export default function PeersPage() {
  const t = useT();
  const session = useSession();
  const peers = useGet<{ items: Peer[] }>("/peers");
  const [shown, setShown] = useState<Peer | null>(null);
  return (
    <Page
      title={t("node.peers")}
      lead={<Text k="peers.lead" />}
      actions={
        may(session, "pairings.create") ? (
          <Link href="/node/pairing" className="button button-plain">
            <Text k="peers.pair" />
          </Link>
        ) : null
      }
    >
      {peers.error ? <ErrorBanner error={peers.error} retry={() => void peers.refetch()} /> : null}
      {peers.data ? (
        <Table
          caption={t("node.peers")}
          hideCaption
          rows={peers.data.items}
          rowKey={(peer) => peer.party}
          rowTone={(peer) => (peer.state === "unreachable" ? "late" : null)}
          empty={
            <EmptyState title={<Text k="peers.none" />}>
              <Text k="peers.none-help" />
            </EmptyState>
          }
          columns={[
            {
              key: "party",
              title: t("column.party"),
              rowHeader: true,
              cell: (peer) => <PartyName code={peer.party} />,
            },
            {
              key: "state",
              title: t("column.state"),
              cell: (peer) => (
                <span className="row">
                  <Badge tone={tones[peer.state]}>
                    <Text k={`peer-state.${peer.state}`} />
                  </Badge>
                  {peer.confirmed ? null : (
                    <Badge tone="warn">
                      <Text k="peers.unconfirmed" />
                    </Badge>
                  )}
                </span>
              ),
            },
            {
              key: "seen",
              title: t("column.last-seen"),
              cell: (peer) =>
                peer.last_seen ? <DateTime value={peer.last_seen} /> : <Text k="peers.never" />,
            },
            {
              key: "receipts",
              title: t("column.receipts-missing"),
              numeric: true,
              cell: (peer) =>
                peer.receipts_missing > 0 ? (
                  <Link href="/exchange/outbox?state=missing">{peer.receipts_missing}</Link>
                ) : (
                  0
                ),
            },
            {
              key: "key",
              title: t("column.key-days"),
              numeric: true,
              cell: (peer) =>
                peer.key_days_left === null ? (
                  <Text k="peers.key-unknown" />
                ) : peer.key_days_left < keyDaysWarn ? (
                  <Badge tone="warn">{peer.key_days_left}</Badge>
                ) : (
                  peer.key_days_left
                ),
            },
            {
              key: "endpoint",
              title: t("column.endpoint"),
              minor: true,
              cell: (peer) => <Data code>{peer.endpoint}</Data>,
            },
            {
              key: "digits",
              title: t("column.digits"),
              cell: (peer) => (
                <Button
                  small
                  onPress={() => setShown(peer)}
                  aria-label={`${t("peers.show-digits")}: ${t.word("party", peer.party)}`}
                >
                  <Text k="peers.show-digits" />
                </Button>
              ),
            },
          ]}
        />
      ) : peers.error ? null : (
        <Loading />
      )}
      {shown ? (
        <Dialog open close={() => setShown(null)} title={<PartyName code={shown.party} />} closes>
          <Digits digits={shown.digits} />
          <dl className="facts">
            <dt>
              <Text k="peers.certificate" />
            </dt>
            <dd>
              <Data code>{shown.certificate}</Data>
            </dd>
          </dl>
        </Dialog>
      ) : null}
    </Page>
  );
}
