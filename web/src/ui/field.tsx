// Fields of forms: label above, what it is for below, errors in words beside the field.
import { type ChangeEvent, type ReactNode, useId } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text as AriaText } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField as AriaTextField } from "react-aria-components/TextField";

export interface TextFieldProps {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  error?: ReactNode;
  type?: "text" | "password" | "search" | "date" | "email";
  name?: string;
  autoComplete?: string;
  inputMode?: "text" | "numeric" | "search";
  required?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  maxLength?: number;
  minLength?: number;
  pattern?: string;
  lines?: number;
  // Data (codes, ids, hashes) is always written from left to right.
  ltr?: boolean;
}

export function TextField(props: TextFieldProps) {
  const dir = props.ltr ? { dir: "ltr" } : { dir: "auto" };
  return (
    <AriaTextField
      className="field"
      value={props.value}
      onChange={props.onChange}
      type={props.type ?? "text"}
      isRequired={props.required ?? false}
      isDisabled={props.disabled ?? false}
      isInvalid={props.error !== undefined && props.error !== null}
      validationBehavior="aria"
      {...(props.name ? { name: props.name } : {})}
      {...(props.autoComplete ? { autoComplete: props.autoComplete } : {})}
      {...(props.inputMode ? { inputMode: props.inputMode } : {})}
      {...(props.maxLength ? { maxLength: props.maxLength } : {})}
      autoFocus={props.autoFocus ?? false}
    >
      <Label className="field-label">{props.label}</Label>
      {props.lines ? (
        <TextArea className="input" rows={props.lines} {...dir} />
      ) : (
        <Input className="input" {...dir} />
      )}
      {props.help ? (
        <AriaText slot="description" className="field-help">
          {props.help}
        </AriaText>
      ) : null}
      <FieldError className="field-error">{props.error}</FieldError>
    </AriaTextField>
  );
}

// The six digits of the second factor, asked for anew before what cannot be taken back.
export function CodeField(props: {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  error?: ReactNode;
}) {
  return (
    <TextField
      {...props}
      onChange={(value) =>
        props.onChange(
          value
            .replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660))
            .replace(/\D/g, "")
            .slice(0, 6),
        )
      }
      name="code"
      autoComplete="one-time-code"
      inputMode="numeric"
      required
      ltr
    />
  );
}

export interface Choice {
  value: string;
  label: string;
}

// The browser's own list: short lists of words need no more, and it is at home on every device,
// with every assistive technology and in both directions.
export function Select(props: {
  label: ReactNode;
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  help?: ReactNode;
  hideLabel?: boolean;
}) {
  const id = useId();
  return (
    <div className="field">
      <label className={props.hideLabel ? "visually-hidden" : "field-label"} htmlFor={id}>
        {props.label}
      </label>
      <select
        id={id}
        className="input"
        value={props.value}
        aria-describedby={props.help ? `${id}-help` : undefined}
        onChange={(event: ChangeEvent<HTMLSelectElement>) => props.onChange(event.target.value)}
      >
        {props.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      {props.help ? (
        <div id={`${id}-help`} className="field-help">
          {props.help}
        </div>
      ) : null}
    </div>
  );
}

export function Checkbox(props: {
  children: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled ?? false}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <span>{props.children}</span>
    </label>
  );
}
