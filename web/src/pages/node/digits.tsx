// Comparison digits: eight groups of five, read to each other by voice. From left to right in every
// language, two rows of four, so that both sides see the same picture.
import { Text, useT } from "../../i18n/text.tsx";

export const digitGroups = 8;

export function Digits(props: { digits: readonly string[] }) {
  const t = useT();
  if (props.digits.length !== digitGroups) return <Text k="pairing.no-digits" />;
  return (
    <ol className="digits" dir="ltr" aria-label={t("pairing.digits-label")}>
      {props.digits.map((group, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what names a group
        <li key={i}>
          <span className="digits-place" aria-hidden="true">
            {i + 1}
          </span>
          {/* Said digit by digit, as officers read them. */}
          <span className="visually-hidden">{[...group].join(" ")}</span>
          <span className="digits-group" aria-hidden="true">
            {group}
          </span>
        </li>
      ))}
    </ol>
  );
}
