// Accounts of this node: who is there, what change waits for a second person, and, for an
// administrator, proposing one. What touches a higher role takes effect only when somebody who holds
// that role, or the oversight body, confirmed it with a fresh code.
import { useState } from "react";
import { path, post, remove } from "../../api/client.ts";
import { useChange, useGet } from "../../api/queries.ts";
import type { Account, AccountChange } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { CodeDialog } from "../../ui/code-dialog.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { useLive } from "../../ui/live.tsx";
import { Table } from "../../ui/table.tsx";
import { ChangeDialog } from "./account-change.tsx";
import { OneTimeLink } from "./one-time-link.tsx";

const tones: { readonly [S in Account["state"]]: Tone } = {
  invited: "info",
  active: "good",
  locked: "bad",
  ended: "neutral",
};

export type Wanted = { change: "add" } | { change: "roles" | "link" | "end"; account: Account };

export default function AccountsPage() {
  const t = useT();
  const session = useSession();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [link, setLink] = useState<AccountChange | null>(null);
  return (
    <Page
      title={t("node.accounts")}
      lead={<Text k="accounts.lead" />}
      actions={
        may(session, "accounts.change") ? (
          <Button kind="primary" onPress={() => setWanted({ change: "add" })}>
            <Text k="accounts.add" />
          </Button>
        ) : null
      }
    >
      <Changes linked={setLink} />
      {may(session, "accounts.read") ? <Accounts want={setWanted} /> : null}
      {wanted ? (
        <ChangeDialog
          wanted={wanted}
          close={() => setWanted(null)}
          done={(change) => {
            setWanted(null);
            if (change.link) setLink(change);
          }}
        />
      ) : null}
      {link ? <OneTimeLink change={link} close={() => setLink(null)} /> : null}
    </Page>
  );
}

function Roles(props: { roles: readonly Account["roles"][number][] }) {
  return (
    <span className="row">
      {props.roles.map((role) => (
        <Badge key={role}>
          <Text k={`account-role.${role}`} />
        </Badge>
      ))}
    </span>
  );
}

function Accounts(props: { want: (wanted: Wanted) => void }) {
  const t = useT();
  const session = useSession();
  const accounts = useGet<{ items: Account[] }>("/accounts");
  if (accounts.error) {
    return <ErrorBanner error={accounts.error} retry={() => void accounts.refetch()} />;
  }
  if (!accounts.data) return <Loading />;
  const changes = may(session, "accounts.change");
  return (
    <Table
      caption={t("accounts.all")}
      rows={accounts.data.items}
      rowKey={(account) => account.account}
      columns={[
        {
          key: "account",
          title: t("sign-in.account"),
          rowHeader: true,
          cell: (account) => (
            <>
              <Data code>{account.account}</Data> <Data>{account.name}</Data>
              {account.break_glass ? (
                <>
                  {" "}
                  <Badge tone="bad">
                    <Text k="accounts.break-glass" />
                  </Badge>
                </>
              ) : null}
            </>
          ),
        },
        {
          key: "roles",
          title: t("setup.roles"),
          cell: (account) => <Roles roles={account.roles} />,
        },
        {
          key: "state",
          title: t("column.state"),
          cell: (account) => (
            <Badge tone={tones[account.state]}>
              <Text k={`account-state.${account.state}`} />
            </Badge>
          ),
        },
        {
          key: "last",
          title: t("column.last-sign-in"),
          cell: (account) =>
            account.last_sign_in ? (
              <DateTime value={account.last_sign_in} />
            ) : (
              <Text k="peers.never" />
            ),
        },
        ...(changes
          ? [
              {
                key: "do",
                title: t("column.actions"),
                cell: (account: Account) =>
                  account.state === "ended" ? null : (
                    <span className="row">
                      {(["roles", "link", "end"] as const).map((change) => (
                        <Button
                          key={change}
                          small
                          kind={change === "end" ? "danger" : "plain"}
                          aria-label={`${t(`account-change.${change}`)}: ${account.account}`}
                          onPress={() => props.want({ change, account })}
                        >
                          <Text k={`account-change.${change}`} />
                        </Button>
                      ))}
                    </span>
                  ),
              },
            ]
          : []),
      ]}
    />
  );
}

function Changes(props: { linked: (change: AccountChange) => void }) {
  const changes = useGet<{ items: AccountChange[] }>("/account-changes");
  if (changes.error) {
    return <ErrorBanner error={changes.error} retry={() => void changes.refetch()} />;
  }
  if (!changes.data) return <Loading />;
  const waiting = changes.data.items.filter((change) => change.state === "waiting");
  return (
    <section className="panel stack" aria-labelledby="changes">
      <h2 id="changes">
        <Text k="accounts.waiting" />{" "}
        <Badge tone={waiting.length > 0 ? "warn" : "neutral"}>{waiting.length}</Badge>
      </h2>
      {waiting.length === 0 ? (
        <EmptyState title={<Text k="accounts.waiting-none" />}>
          <Text k="accounts.waiting-help" />
        </EmptyState>
      ) : (
        <ul className="stack">
          {waiting.map((change) => (
            <li key={change.id} className="change">
              <Change change={change} linked={props.linked} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Change(props: { change: AccountChange; linked: (change: AccountChange) => void }) {
  const { change } = props;
  const t = useT();
  const live = useLive();
  const session = useSession();
  const [confirming, setConfirming] = useState(false);
  const confirm = useChange(
    (code: string) =>
      post<AccountChange>(path`/account-changes/${change.id}/confirmation`, { code }),
    ["/accounts", "/account-changes", "/today"],
  );
  const withdraw = useChange(
    () => remove(path`/account-changes/${change.id}`),
    ["/accounts", "/account-changes", "/today"],
  );
  const own = change.proposed_by === session.account;
  const key = `account-change.${change.change as "add"}` as const;
  return (
    <>
      <div className="change-text">
        <p>
          <strong>
            <Text k={key} />
          </strong>{" "}
          <Data code>{change.account}</Data> <Data>{change.name}</Data>
        </p>
        <Roles roles={change.roles} />
        <p className="soft">
          <Text k="accounts.proposed-by" account={change.proposed_by} />{" "}
          <DateTime value={change.proposed} />
        </p>
      </div>
      <div className="row">
        {own ? null : (
          <Button kind="primary" onPress={() => setConfirming(true)}>
            <Text k="accounts.confirm" />
          </Button>
        )}
        {may(session, "accounts.change") ? (
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
        ) : null}
      </div>
      {confirming ? (
        <CodeDialog
          title={<Text k="accounts.confirm" />}
          close={() => setConfirming(false)}
          busy={confirm.isPending}
          error={confirm.error}
          submit={(code) =>
            confirm.mutate(code, {
              onSuccess: (answer) => {
                setConfirming(false);
                live.notify(t("accounts.confirmed"));
                if (answer.link) props.linked(answer);
              },
            })
          }
        >
          <p>
            <Text k={key} /> <Data code>{change.account}</Data> <Data>{change.name}</Data>
          </p>
          <Roles roles={change.roles} />
          <p>
            <Text k="accounts.confirm-text" />
          </p>
        </CodeDialog>
      ) : null}
    </>
  );
}
