// The language of the pages: direction and language of the document, the catalogue, and the choice.
import { I18nProvider } from "react-aria-components/I18nProvider";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { Catalogue, type Language, languages } from "../i18n/catalogue.ts";
import { loadCatalogue } from "../i18n/load.ts";
import { CatalogueProvider } from "../i18n/text.tsx";
import { readSetting, writeSetting } from "./settings.ts";

interface LanguageChoice {
  language: Language;
  choose: (language: Language) => void;
}

const LanguageContext = createContext<LanguageChoice>({ language: "en", choose: () => {} });

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
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let current = true;
    loadCatalogue(language, props.law)
      .then((loaded) => {
        if (!current) return;
        setFailed(false);
        setCatalogue(loaded);
        document.documentElement.lang = loaded.language;
        document.documentElement.dir = loaded.direction;
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
    }),
    [language],
  );

  if (!catalogue) {
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
  return (
    <LanguageContext value={choice}>
      <I18nProvider locale={catalogue.language === "ar" ? "ar-AE" : "en-GB"}>
        <CatalogueProvider catalogue={catalogue}>{props.children}</CatalogueProvider>
      </I18nProvider>
    </LanguageContext>
  );
}
