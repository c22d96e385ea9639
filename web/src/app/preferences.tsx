// Language, theme, clock, and whether unreviewed wording is marked throughout.
import { useEffect, useState } from "react";
import { type Language, languageNames, languages } from "../i18n/catalogue.ts";
import { Text, useT } from "../i18n/text.tsx";
import { useClock } from "../ui/date-time.tsx";
import { Checkbox, Select } from "../ui/field.tsx";
import { useLanguage } from "./language.tsx";
import { useSessionState } from "./session.tsx";
import { readSetting, writeSetting } from "./settings.ts";
import { type Theme, themes, useTheme } from "./theme.ts";

export function LanguageSelect() {
  const { language, choose } = useLanguage();
  const { session, prefer } = useSessionState();
  const t = useT();
  return (
    <Select
      label={t("preferences.language")}
      hideLabel
      value={language}
      onChange={(value) => {
        choose(value as Language);
        // The account keeps the choice for other machines; here it holds whatever the node says.
        if (session) prefer(value as Language).catch(() => {});
      }}
      choices={languages.map((value) => ({ value, label: languageNames[value] }))}
    />
  );
}

export function Preferences() {
  const t = useT();
  const [theme, setTheme] = useTheme();
  const clock = useClock();
  const [marks, setMarks] = useState(readSetting("marks") === "all");

  useEffect(() => {
    document.documentElement.classList.toggle("marks-all", marks);
  }, [marks]);

  return (
    <div className="preferences">
      <Select
        label={t("preferences.theme")}
        value={theme}
        onChange={(value) => setTheme(value as Theme)}
        choices={themes.map((value) => ({ value, label: t(`theme.${value}`) }))}
      />
      {clock.capital ? (
        <Select
          label={t("preferences.clock")}
          value={clock.choice}
          onChange={(value) => clock.choose(value === "capital" ? "capital" : "utc")}
          choices={[
            { value: "utc", label: t("preferences.clock-utc") },
            { value: "capital", label: t("preferences.clock-capital", { zone: clock.capital }) },
          ]}
        />
      ) : null}
      <Checkbox
        checked={marks}
        onChange={(checked) => {
          writeSetting("marks", checked ? "all" : null);
          setMarks(checked);
        }}
      >
        <Text k="preferences.marks" />
      </Checkbox>
    </div>
  );
}
