// Calls a record back from parties that have it: they quarantine it and pass the recall on.
import { useState } from "react";
import { post } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import { Text, useT } from "../../i18n/text.tsx";
import { ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, CodeField, Select } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { recallReasons } from "./recall-reason.tsx";

export function RecallDialog(props: {
  record: string;
  holders: readonly string[];
  close: () => void;
}) {
  const t = useT();
  const live = useLive();
  // A recall that forgets somebody is the worse mistake: all are chosen from the start.
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(props.holders));
  const [reason, setReason] = useState<string>(recallReasons[0]);
  const [code, setCode] = useState("");
  const change = useChange(
    (body: object) => post<unknown>("/recalls", body),
    ["/recalls", "/records", "/outbox", "/today"],
  );
  const recall = () =>
    change.mutate(
      { ids: [props.record], parties: [...chosen].sort(), reason, code },
      {
        onSuccess: () => {
          live.notify(t("record.recalled", { count: chosen.size }));
          props.close();
        },
        onError: () => setCode(""),
      },
    );
  return (
    <Dialog
      open
      alert
      close={props.close}
      title={<Text k="record.recall-title" />}
      actions={
        <Button
          kind="danger"
          isDisabled={chosen.size === 0 || code.length !== 6}
          isPending={change.isPending}
          onPress={recall}
        >
          <Text k="record.recall" />
        </Button>
      }
    >
      <p>
        <Text k="record.recall-text" />
      </p>
      <fieldset className="choices">
        <legend>
          <Text k="record.recall-from" />
        </legend>
        {props.holders.map((party) => (
          <Checkbox
            key={party}
            checked={chosen.has(party)}
            onChange={(on) => {
              const next = new Set(chosen);
              if (on) next.add(party);
              else next.delete(party);
              setChosen(next);
            }}
          >
            <PartyName code={party} />
          </Checkbox>
        ))}
      </fieldset>
      <Select
        label={<Text k="exchange.recall-reason" />}
        value={reason}
        onChange={setReason}
        choices={recallReasons.map((value) => ({
          value,
          label: t(`exchange.reason.${value}` as const),
        }))}
      />
      <CodeField
        label={<Text k="exchange.code" />}
        help={<Text k="exchange.code-help" />}
        value={code}
        onChange={setCode}
      />
      {change.error ? <ErrorBanner error={change.error} /> : null}
    </Dialog>
  );
}
