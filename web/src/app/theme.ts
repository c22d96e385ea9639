// Light, dark, or as the system says. The choice stands on the root element (public/first.js sets it
// before the first paint).
import { useState } from "react";
import { readSetting, writeSetting } from "./settings.ts";

export type Theme = "system" | "light" | "dark";
export const themes: readonly Theme[] = ["system", "light", "dark"];

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = readSetting("theme");
    return stored === "light" || stored === "dark" ? stored : "system";
  });
  return [
    theme,
    (next) => {
      writeSetting("theme", next === "system" ? null : next);
      if (next === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      setTheme(next);
    },
  ];
}
