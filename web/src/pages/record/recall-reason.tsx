import { Data, Text } from "../../i18n/text.tsx";

// The reasons of docs/formats/procedure.md, in its order.
export const recallReasons = [
  "false-positive",
  "wrong-content",
  "wrong-recipient",
  "superseded",
  "law",
  "other",
] as const;

export function RecallReason(props: { reason: string }) {
  const known = recallReasons.find((reason) => reason === props.reason);
  return known ? <Text k={`exchange.reason.${known}` as const} /> : <Data>{props.reason}</Data>;
}
