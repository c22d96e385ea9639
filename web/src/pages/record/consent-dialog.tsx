// Asks everyone who supplied a record, or supplied who supplied it, whether it may be passed on to a party.
import { useState } from "react";
import { Link } from "wouter";
import { post } from "../../api/client.ts";
import { useChange, useVocabulary } from "../../api/queries.ts";
import type { Consent } from "../../api/types.ts";
import { Text, useT } from "../../i18n/text.tsx";
import { ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Select } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";

export function ConsentDialog(props: {
  record: string;
  purpose: string;
  recipient: string;
  close: () => void;
}) {
  const t = useT();
  const live = useLive();
  const vocabulary = useVocabulary();
  const [purpose, setPurpose] = useState(props.purpose);
  const change = useChange(
    (body: object) => post<{ items: Consent[] }>("/consents", body),
    ["/consents", "/records", "/today"],
  );
  const asked = change.data?.items ?? [];
  const purposes = vocabulary.data?.purposes ?? [props.purpose];
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="record.consent-title" />}
      closes={change.data !== undefined}
      actions={
        change.data ? null : (
          <Button
            kind="primary"
            isPending={change.isPending}
            onPress={() =>
              change.mutate(
                { ids: [props.record], recipient: props.recipient, purpose },
                {
                  onSuccess: (done) =>
                    live.notify(t("record.consent-asked", { count: done.items.length })),
                },
              )
            }
          >
            <Text k="record.consent-ask" />
          </Button>
        )
      }
    >
      {change.data ? (
        <>
          <p>
            <Text k="record.consent-asked" count={asked.length} />
          </p>
          <ul>
            {asked.map((c) => (
              <li key={c.request}>
                <PartyName code={c.party} />
              </li>
            ))}
          </ul>
          <p>
            <Link href="/exchange/consents" onClick={props.close}>
              <Text k="record.consent-link" />
            </Link>
          </p>
        </>
      ) : (
        <>
          <p>
            <Text k="record.consent-text" recipient={t.word("party", props.recipient)} />
          </p>
          <Select
            label={<Text k="exchange.purpose" />}
            value={purpose}
            onChange={setPurpose}
            choices={purposes.map((code) => ({ value: code, label: t.word("purpose", code) }))}
          />
        </>
      )}
      {change.error ? <ErrorBanner error={change.error} /> : null}
    </Dialog>
  );
}
