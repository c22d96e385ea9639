import { type ReactNode, useEffect, useState } from "react";
import { TextField } from "../../ui/field.tsx";

// How long nobody has to type before the node is asked.
const quietMs = 300;

// A text that filters a list: the node is asked when typing pauses, not for every letter.
export function FilterText(props: {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
}) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState(value);
  // The address changed otherwise: "back", a link, "all filters off".
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), quietMs);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <TextField
      label={props.label}
      help={props.help}
      type="search"
      value={typed}
      onChange={setTyped}
    />
  );
}
