import { Data, Text } from "../../i18n/text.tsx";

// What became of the records of a disclosure: counts, and the reasons where not all were accepted.
export function Fate(props: {
  row: {
    records: number;
    accepted: number;
    quarantined: number;
    rejected: number;
    reasons: string[];
  };
}) {
  const { row } = props;
  return (
    <div className="fate">
      <Text
        k="exchange.fate-counts"
        records={row.records}
        accepted={row.accepted}
        quarantined={row.quarantined}
        rejected={row.rejected}
      />
      {row.reasons.length > 0 ? (
        <ul className="plain-list">
          {row.reasons.map((reason) => (
            <li key={reason} lang="en">
              <Data>{reason}</Data>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
