import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
} from "react-aria-components/Button";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "style" | "children"> {
  // primary: the one thing this page is for. danger: cannot be taken back.
  kind?: "primary" | "plain" | "quiet" | "danger";
  small?: boolean;
  children: ReactNode;
}

export function Button({ kind = "plain", small = false, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={`button button-${kind}${small ? " button-small" : ""}`} />
  );
}
