// Of which party, on which day and in which area: what all pages of coverage are asked, kept in their address.
import { useId, useMemo } from "react";
import { useNode, useParties, useVocabulary } from "../../api/queries.ts";
import { Text, useCatalogue, useT } from "../../i18n/text.tsx";
import { type Choice, Select } from "../../ui/field.tsx";
import { usePartyText } from "../exchange/parts.tsx";
import { useFilters } from "../exchange/use-filters.ts";
import { firstDay, instantOf, lastDay } from "../record/instant.ts";

export const asked = ["party", "at", "area"] as const;
// And what single pages have besides: `basis` is the look of the map, `sure` how sure a basis is, `state` the
// state that is chosen, `kind` which gaps, `of` whether drawings are of all parties.
const names = [...asked, "basis", "sure", "state", "kind", "of"] as const;

export function useQuestion() {
  const node = useNode();
  const { filters, change } = useFilters(names);
  const own = node.data?.party ?? "";
  const day = filters.at || node.data?.treaty_now.slice(0, 10) || "";
  return {
    filters,
    change,
    own,
    party: filters.party || own,
    day,
    area: filters.area,
    // Nothing is asked before the node has said who and when it is.
    // A day of the address that no calendar has is asked too: the node says what is wrong with it.
    ready: own !== "" && day !== "",
  };
}

// States, for whom alone there are cells: in the order of their names.
export function useStates(): readonly Choice[] {
  const catalogue = useCatalogue();
  const name = usePartyText();
  const parties = useParties();
  return useMemo(
    () =>
      (parties.data?.items ?? [])
        .filter((p) => p.kind !== "organisation" && p.kind !== "entity")
        .map((p) => ({ value: p.code, label: `${name(p.code)} (${p.code})` }))
        .sort((a, b) => a.label.localeCompare(b.label, catalogue.locale)),
    [parties.data, name, catalogue.locale],
  );
}

export function PartyField(props: {
  value: string;
  onChange: (code: string) => void;
  all?: string; // a choice before the states, whose value is ""
}) {
  const states = useStates();
  const known = states.length > 0 ? states : [{ value: props.value, label: props.value }];
  return (
    <Select
      label={<Text k="coverage.party" />}
      value={props.value}
      onChange={props.onChange}
      choices={props.all === undefined ? known : [{ value: "", label: props.all }, ...states]}
    />
  );
}

export function DayField(props: { value: string; onChange: (day: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        <Text k="coverage.day" />
      </label>
      <input
        id={id}
        className="input"
        type="date"
        min={firstDay}
        max={lastDay}
        value={props.value}
        onChange={(event) => {
          // While a day is being typed it is none: nothing is asked then.
          if (instantOf(event.target.value)) props.onChange(event.target.value);
        }}
      />
    </div>
  );
}

export function AreaField(props: { value: string; onChange: (area: string) => void }) {
  const t = useT();
  const vocabulary = useVocabulary();
  return (
    <Select
      label={<Text k="coverage.area" />}
      value={props.value}
      onChange={props.onChange}
      choices={[
        { value: "", label: t("coverage.any-area") },
        ...(vocabulary.data?.areas ?? []).map((area) => ({
          value: area,
          label: t.word("area", area),
        })),
      ]}
    />
  );
}
