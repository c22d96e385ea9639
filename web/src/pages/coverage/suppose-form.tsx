// Where a step or a file is added to what is supposed. Both are checked by the node when it is asked.
import { useQuery } from "@tanstack/react-query";
import { type ChangeEvent, type FormEvent, useId, useState } from "react";
import { get } from "../../api/client.ts";
import { keyOf } from "../../api/queries.ts";
import type { AgreementRow, Page as PageOf } from "../../api/types.ts";
import { Text, useCatalogue, useT } from "../../i18n/text.tsx";
import { Button } from "../../ui/button.tsx";
import { Select } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { useStates } from "./question.tsx";
import {
  fileBytesMax,
  type NewSupposition,
  readFile,
  type StepKind,
  stepsMax,
} from "./suppositions.ts";

export type Suppose = (next: NewSupposition) => "there" | "full" | null;

// Rows of one answer, and how many answers are read: more instruments than that no list is of use for.
const rowsMax = 200;
const answersMax = 10;

// What binds, of all parties or of one, in the order of its title.
function useInstruments(party: string | null) {
  const catalogue = useCatalogue();
  const query = { party, limit: rowsMax };
  return useQuery<readonly AgreementRow[], Error>({
    queryKey: [...keyOf("/agreements", query), "all"],
    queryFn: async ({ signal }) => {
      const out: AgreementRow[] = [];
      let cursor: string | null = null;
      for (let i = 0; i < answersMax; ++i) {
        const page: PageOf<AgreementRow> = await get<PageOf<AgreementRow>>(
          "/agreements",
          { ...query, cursor },
          signal,
        );
        out.push(...page.items);
        cursor = page.next;
        if (cursor === null) break;
      }
      return out
        .filter((row) => row.binding === "binding")
        .sort((a, b) => a.title.localeCompare(b.title, catalogue.locale));
    },
  });
}

export function SupposeForm(props: { party: string; suppose: Suppose }) {
  return (
    <div className="suppose">
      <StepForm key={props.party} {...props} />
      <FileField suppose={props.suppose} />
    </div>
  );
}

function StepForm(props: { party: string; suppose: Suppose }) {
  const t = useT();
  const live = useLive();
  const states = useStates();
  const [kind, setKind] = useState<StepKind>("accede");
  const [party, setParty] = useState(props.party);
  const [chosen, setChosen] = useState("");
  const [refused, setRefused] = useState<"there" | "full" | null>(null);
  // To withdraw from, only what the party is in.
  const instruments = useInstruments(kind === "withdraw" ? party : null).data ?? [];
  const instrument = instruments.find((row) => row.id === chosen) ?? instruments[0];

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!instrument) return;
    const why = props.suppose({ kind, party, instrument: instrument.id, title: instrument.title });
    setRefused(why);
    if (why === null) live.announce(t("what-if.added"));
  };
  return (
    <form className="panel stack" onSubmit={submit} aria-labelledby="suppose-step">
      <h3 id="suppose-step">
        <Text k="what-if.step" />
      </h3>
      <div className="filters">
        <Select
          label={<Text k="what-if.kind" />}
          value={kind}
          onChange={(value) => setKind(value as StepKind)}
          choices={[
            { value: "accede", label: t("what-if.accede") },
            { value: "withdraw", label: t("what-if.withdraw") },
          ]}
        />
        <Select
          label={<Text k="what-if.party" />}
          value={party}
          onChange={setParty}
          choices={states.length > 0 ? states : [{ value: party, label: party }]}
        />
        <Select
          label={<Text k="what-if.instrument" />}
          value={instrument?.id ?? ""}
          onChange={setChosen}
          choices={
            instruments.length > 0
              ? instruments.map((row) => ({ value: row.id, label: `${row.title} (${row.id})` }))
              : [{ value: "", label: t("what-if.no-instrument") }]
          }
        />
      </div>
      {refused ? (
        <p className="field-error" role="alert">
          {refused === "there" ? (
            <Text k="what-if.there" />
          ) : (
            <Text k="what-if.full" max={stepsMax} />
          )}
        </p>
      ) : null}
      <div>
        <Button type="submit" isDisabled={!instrument}>
          <Text k="what-if.add" />
        </Button>
      </div>
    </form>
  );
}

function FileField(props: { suppose: Suppose }) {
  const t = useT();
  const live = useLive();
  const id = useId();
  const [wrong, setWrong] = useState<{ name: string; why: "large" | "empty" | "no-text" } | null>(
    null,
  );
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const field = event.target;
    const file = field.files?.[0];
    if (!file) return;
    // Whoever mends a mistake chooses the same path again: a field that still had it would not notice.
    const read = await readFile(file);
    field.value = "";
    setWrong(read.ok ? null : { name: file.name, why: read.why });
    if (!read.ok) return;
    props.suppose({ kind: "add", name: file.name, text: read.text });
    live.announce(t("what-if.added"));
  };
  return (
    <div className="panel stack">
      <h3>
        <Text k="what-if.file" />
      </h3>
      <div className="field">
        <label className="field-label" htmlFor={id}>
          <Text k="what-if.file-choose" />
        </label>
        <input
          id={id}
          type="file"
          accept=".toml,application/toml,text/plain"
          aria-describedby={`${id}-help`}
          onChange={(event) => void choose(event)}
        />
        <p id={`${id}-help`} className="field-help">
          <Text k="what-if.file-help" max={fileBytesMax / 1024} />
        </p>
      </div>
      {wrong ? (
        <p className="field-error" role="alert">
          {wrong.why === "large" ? (
            <Text k="what-if.file-large" name={wrong.name} max={fileBytesMax / 1024} />
          ) : wrong.why === "empty" ? (
            <Text k="what-if.file-empty" name={wrong.name} />
          ) : (
            <Text k="what-if.file-no-text" name={wrong.name} />
          )}
        </p>
      ) : null}
    </div>
  );
}
