// Proposes to release records to chosen parties. Nothing leaves by this: a releasing officer other than whoever
// proposes it decides, and the law is asked again then.
import { useState } from "react";
import { Link } from "wouter";
import { post } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import type { ReleaseRequest } from "../../api/types.ts";
import { Text, useT } from "../../i18n/text.tsx";
import { ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Checkbox, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { usePartyText } from "../exchange/parts.tsx";
import { matching } from "../record/difference.ts";
import { noteCharsMax } from "./release-card.tsx";

// So many parties one request may name (exchange/release_request.h).
export const requestPartiesMax = 64;

export function ProposeDialog(props: {
  // Record ids, STIX ids or import ids.
  ids: readonly string[];
  // Who can be chosen, and who is from the start.
  candidates: readonly string[];
  chosen: readonly string[];
  close: () => void;
  done?: () => void;
}) {
  const t = useT();
  const live = useLive();
  const name = usePartyText();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(props.chosen));
  const [note, setNote] = useState("");
  const [filter, setFilter] = useState("");
  const [made, setMade] = useState<ReleaseRequest | null>(null);
  const change = useChange(
    (body: { ids: readonly string[]; parties: string[]; note: string }) =>
      post<ReleaseRequest>("/release-requests", body),
    ["/release-requests", "/records", "/today"],
  );
  const rows = matching(
    props.candidates.map((party) => ({ party })),
    filter,
    name,
  );
  const tooMany = chosen.size > requestPartiesMax;
  const propose = () =>
    change.mutate(
      { ids: props.ids, parties: [...chosen].sort(), note: note.trim() },
      {
        onSuccess: (request) => {
          setMade(request);
          live.notify(t("record.proposed"));
          props.done?.();
        },
      },
    );
  if (made)
    return (
      <Dialog open close={props.close} title={<Text k="record.proposed" />} closes>
        <p>
          <Text k="record.proposed-text" />
        </p>
        <p>
          <Link href={`/exchange/outbox#${made.id}`} onClick={props.close}>
            <Text k="record.proposed-link" />
          </Link>
        </p>
      </Dialog>
    );
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="record.propose-title" />}
      actions={
        <Button
          kind="primary"
          isDisabled={chosen.size === 0 || tooMany}
          isPending={change.isPending}
          onPress={propose}
        >
          <Text k="record.propose" count={chosen.size} />
        </Button>
      }
    >
      <p>
        <Text k="record.propose-text" />
      </p>
      {props.candidates.length > 8 ? (
        <TextField
          label={<Text k="record.filter" />}
          type="search"
          value={filter}
          onChange={setFilter}
        />
      ) : null}
      <fieldset className="choices">
        <legend>
          <Text k="exchange.to" />
        </legend>
        {rows.length === 0 ? <Text k="record.nobody-matches" /> : null}
        {rows.map(({ party }) => (
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
      {tooMany ? (
        <p role="alert" className="field-error">
          <Text k="record.too-many-parties" max={requestPartiesMax} />
        </p>
      ) : null}
      <TextField
        label={<Text k="exchange.note" />}
        help={<Text k="record.note-help" />}
        value={note}
        onChange={setNote}
        lines={2}
        maxLength={noteCharsMax}
      />
      {change.error ? <ErrorBanner error={change.error} /> : null}
    </Dialog>
  );
}
