// Proposing a change of an account: a new one, other roles, a new one-time link, its end.
import { useState } from "react";
import { post } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import type { AccountChange, Role } from "../../api/types.ts";
import { roles as allRoles } from "../../app/roles.ts";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import type { Wanted } from "./accounts.tsx";

// These take effect at once; every other role needs a second person.
const light: readonly Role[] = ["duty-officer", "analyst"];

export function needsConfirmation(roles: readonly Role[]): boolean {
  return roles.some((role) => !light.includes(role));
}

// An administrator holds no other role: who makes accounts cannot release.
export function rolesProblem(roles: readonly Role[]): "none" | "administrator-alone" | null {
  if (roles.length === 0) return "none";
  return roles.includes("administrator") && roles.length > 1 ? "administrator-alone" : null;
}

export function ChangeDialog(props: {
  wanted: Wanted;
  close: () => void;
  done: (change: AccountChange) => void;
}) {
  const { wanted } = props;
  const t = useT();
  const live = useLive();
  const existing = "account" in wanted ? wanted.account : null;
  const [account, setAccount] = useState("");
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<readonly Role[]>(existing?.roles ?? []);
  const [tried, setTried] = useState(false);
  const propose = useChange(
    (body: { change: string; account: string; name?: string; roles?: readonly Role[] }) =>
      post<AccountChange>("/account-changes", body),
    ["/accounts", "/account-changes", "/today"],
  );
  const asksRoles = wanted.change === "add" || wanted.change === "roles";
  const problem = asksRoles ? rolesProblem(roles) : null;
  const touched = [...new Set([...roles, ...(existing?.roles ?? [])])];

  const submit = () => {
    setTried(true);
    if (problem || (!existing && (account.trim() === "" || name.trim() === ""))) return;
    propose.mutate(
      {
        change: wanted.change,
        account: existing?.account ?? account.trim(),
        ...(existing ? {} : { name: name.trim() }),
        ...(asksRoles ? { roles } : {}),
      },
      {
        onSuccess: (answer) => {
          live.notify(t(answer.state === "done" ? "accounts.took-effect" : "accounts.waits"));
          props.done(answer);
        },
      },
    );
  };

  return (
    <Dialog
      open
      close={props.close}
      title={<Text k={`account-change.${wanted.change}`} />}
      actions={
        <Button
          kind={wanted.change === "end" ? "danger" : "primary"}
          isDisabled={propose.isPending}
          onPress={submit}
        >
          <Text k={`account-change.${wanted.change}`} />
        </Button>
      }
    >
      {propose.error ? <ErrorBanner error={propose.error} /> : null}
      <form
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {existing ? (
          <p>
            <Data code>{existing.account}</Data> <Data>{existing.name}</Data>
          </p>
        ) : (
          <>
            <TextField
              label={<Text k="accounts.account" />}
              help={<Text k="accounts.account-help" />}
              error={tried && account.trim() === "" ? <Text k="accounts.needed" /> : undefined}
              value={account}
              onChange={setAccount}
              maxLength={64}
              required
              ltr
            />
            <TextField
              label={<Text k="accounts.name" />}
              error={tried && name.trim() === "" ? <Text k="accounts.needed" /> : undefined}
              value={name}
              onChange={setName}
              maxLength={128}
              required
            />
          </>
        )}
        {asksRoles ? (
          <fieldset>
            <legend>
              <Text k="setup.roles" />
            </legend>
            <div className="stack">
              {allRoles.map((role) => (
                <Checkbox
                  key={role}
                  checked={roles.includes(role)}
                  onChange={(checked) =>
                    setRoles(checked ? [...roles, role] : roles.filter((one) => one !== role))
                  }
                >
                  <Text k={`account-role.${role}`} />
                </Checkbox>
              ))}
            </div>
            {tried && problem ? (
              <p className="field-error" role="alert">
                <Text
                  k={problem === "none" ? "accounts.no-role" : "accounts.administrator-alone"}
                />
              </p>
            ) : null}
          </fieldset>
        ) : null}
        <p className="soft">
          <Text k={needsConfirmation(touched) ? "accounts.will-wait" : "accounts.at-once"} />
        </p>
      </form>
    </Dialog>
  );
}
