// Officers whose keys count for acts of law, and what waits for the second signature.
import { useState } from "react";
import { path, remove } from "../../api/client.ts";
import { useChange, useGet } from "../../api/queries.ts";
import type { Approval } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Data, Sentence, Text, useT, Word } from "../../i18n/text.tsx";
import { ActFacts, SignDialog } from "../../officer-key/sign-form.tsx";
import { Badge } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { useLive } from "../../ui/live.tsx";
import { Table } from "../../ui/table.tsx";

interface Officer {
  name: string;
  role: string;
  key: string;
  from: string;
  until: string | null;
}

// Signatures that an act takes.
const signaturesNeeded = 2;

export default function OfficersPage() {
  const t = useT();
  return (
    <Page title={t("node.officers")} lead={<Text k="officers.lead" />}>
      <Approvals />
      <Officers />
    </Page>
  );
}

function Approvals() {
  const approvals = useGet<{ items: Approval[] }>("/approvals");
  if (approvals.error) {
    return <ErrorBanner error={approvals.error} retry={() => void approvals.refetch()} />;
  }
  if (!approvals.data) return <Loading />;
  const waiting = approvals.data.items.filter((approval) => approval.state === "waiting");
  const done = approvals.data.items.filter((approval) => approval.state === "done");
  return (
    <section className="panel stack" aria-labelledby="approvals">
      <h2 id="approvals">
        <Text k="officers.waiting" />{" "}
        <Badge tone={waiting.length > 0 ? "warn" : "neutral"}>{waiting.length}</Badge>
      </h2>
      {waiting.length === 0 ? (
        <EmptyState title={<Text k="officers.waiting-none" />}>
          <Text k="officers.waiting-help" />
        </EmptyState>
      ) : (
        <ul className="stack">
          {waiting.map((approval) => (
            <li key={approval.id} className="change">
              <Waiting approval={approval} />
            </li>
          ))}
        </ul>
      )}
      {done.length > 0 ? (
        <details>
          <summary>
            <Text k="officers.done" count={done.length} />
          </summary>
          <ul className="stack">
            {done.map((approval) => (
              <li key={approval.id} className="change">
                <div className="change-text">
                  <p>
                    <Sentence phrase={approval.what} />
                  </p>
                  {approval.result ? (
                    <p className="soft">
                      <Data>{approval.result}</Data>
                    </p>
                  ) : null}
                </div>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

function Waiting(props: { approval: Approval }) {
  const { approval } = props;
  const t = useT();
  const live = useLive();
  const session = useSession();
  const [signing, setSigning] = useState(false);
  const withdraw = useChange(
    () => remove(path`/approvals/${approval.id}`),
    ["/approvals", "/today"],
  );
  return (
    <>
      <div className="change-text">
        <p>
          <strong>
            <Sentence phrase={approval.what} />
          </strong>
        </p>
        <p>
          <Text k="officers.signed" count={approval.signatures.length} of={signaturesNeeded} />{" "}
          {approval.signatures.map((signature) => (
            <Badge key={signature.officer}>
              <Data>{signature.officer}</Data>
              {" · "}
              <Word list="officer-role" code={signature.role} />
            </Badge>
          ))}
        </p>
        <p className="soft">
          <Text k="officers.expires" /> <DateTime value={approval.expires} />
        </p>
        <ActFacts act={approval.act} />
      </div>
      {may(session, "approvals.sign") ? (
        <div className="row">
          <Button kind="primary" onPress={() => setSigning(true)}>
            <Text k="officers.sign" />
          </Button>
          <Button
            isDisabled={withdraw.isPending}
            onPress={() =>
              withdraw.mutate(undefined, {
                onSuccess: () => live.notify(t("accounts.withdrawn")),
                onError: (error) => live.notify(error.message, "bad"),
              })
            }
          >
            <Text k="accounts.withdraw" />
          </Button>
        </div>
      ) : null}
      {signing ? (
        <SignDialog
          act={approval.act}
          what={approval.what}
          close={() => setSigning(false)}
          done={(answer) => {
            setSigning(false);
            live.notify(t(answer.state === "done" ? "sign.done" : "sign.waits"));
          }}
        />
      ) : null}
    </>
  );
}

function Officers() {
  const t = useT();
  const officers = useGet<{ items: Officer[] }>("/officers");
  if (officers.error) {
    return <ErrorBanner error={officers.error} retry={() => void officers.refetch()} />;
  }
  if (!officers.data) return <Loading />;
  return (
    <Table
      caption={t("officers.all")}
      rows={officers.data.items}
      rowKey={(officer) => officer.key + officer.from}
      empty={
        <EmptyState title={<Text k="officers.none" />}>
          <Text k="officers.none-help" />
        </EmptyState>
      }
      columns={[
        {
          key: "name",
          title: t("officers.name"),
          rowHeader: true,
          cell: (officer) => <Data>{officer.name}</Data>,
        },
        {
          key: "role",
          title: t("officers.role"),
          cell: (officer) => <Word list="officer-role" code={officer.role} />,
        },
        {
          key: "from",
          title: t("officers.from"),
          cell: (officer) => <DateTime value={officer.from} />,
        },
        {
          key: "until",
          title: t("officers.until"),
          cell: (officer) =>
            officer.until ? (
              <DateTime value={officer.until} />
            ) : (
              <Badge tone="good">
                <Text k="officers.enrolled" />
              </Badge>
            ),
        },
        {
          key: "key",
          title: t("officers.key"),
          minor: true,
          cell: (officer) => <Data code>{officer.key}</Data>,
        },
      ]}
    />
  );
}
