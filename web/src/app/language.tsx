// The language of the pages: direction and language of the document, the catalogue, and the choice.

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { type Catalogue, type Language, languages } from "../i18n/catalogue.ts";
import { loadCatalogue } from "../i18n/load.ts";
import { CatalogueProvider } from "../i18n/text.tsx";
import { readSetting, writeSetting } from "./settings.ts";

interface LanguageChoice {
  language: Language;
  choose: (language: Language) => void;
  // What an account prefers, at sign-in. A choice made at this browser stands before it, and so does
  // the language of the browser where the account has only the default.
  suggest: (language: Language) => Language;
}

const LanguageContext = createContext<LanguageChoice>({
  language: "en",
  choose: () => {},
  suggest: (language) => language,
});

const defaultLanguage: Language = "en";

export function useLanguage(): LanguageChoice {
  return useContext(LanguageContext);
}

function firstLanguage(): Language {
  const stored = readSetting("language");
  const known = languages.find((language) => language === stored);
  return known ?? (navigator.language.startsWith("ar") ? "ar" : "en");
}

// `law`: whether pages need the words of the law, which are loaded only then.
export function LanguageProvider(props: { law: boolean; children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [loaded, setLoaded] = useState<{ catalogue: Catalogue; law: boolean } | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let current = true;
    loadCatalogue(language, props.law)
      .then((catalogue) => {
        if (!current) return;
        setFailed(false);
        setLoaded({ catalogue, law: props.law });
        document.documentElement.lang = catalogue.language;
        document.documentElement.dir = catalogue.direction;
      })
      .catch(() => {
        if (current) setFailed(true);
      });
    return () => {
      current = false;
    };
  }, [language, props.law]);

  const choice = useMemo(
    () => ({
      language,
      choose: (next: Language) => {
        writeSetting("language", next);
        setLanguage(next);
      },
      suggest: (next: Language) => {
        if (readSetting("language") !== null || next === defaultLanguage) return language;
        setLanguage(next);
        return next;
      },
    }),
    [language],
  );

  // A change of language keeps the old words until the new ones are there.
  if (!loaded || (props.law && !loaded.law)) {
    // No catalogue, no words: these two lines are in every language that we have.
    return failed ? (
      <p role="alert" className="first-failure">
        The words of this page did not load. Load the page again.
        <br />
        <span lang="ar" dir="rtl">
          لم تُحمَّل نصوص هذه الصفحة. أعد تحميلها.
        </span>
      </p>
    ) : null;
  }
  const { catalogue } = loaded;
  return (
    <LanguageContext value={choice}>
      <I18nProvider locale={catalogue.language === "ar" ? "ar-AE" : "en-GB"}>
        <CatalogueProvider catalogue={catalogue}>{props.children}</CatalogueProvider>
      </I18nProvider>
    </LanguageContext>
  );
}
