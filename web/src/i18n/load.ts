// Catalogues are chunks of their own: a page loads the words of one language, and the words of the
// law only when somebody is signed in.
import { Catalogue, type Language, type Messages } from "./catalogue.ts";

type Module = Promise<{ default: Messages }>;

const ui: { readonly [L in Language]: () => Module } = {
  en: () => import("virtual:messages/ui/en"),
  ar: () => import("virtual:messages/ui/ar"),
};

const law: { readonly [L in Language]: () => Module } = {
  en: () => import("virtual:messages/law/en"),
  ar: () => import("virtual:messages/law/ar"),
};

export async function loadCatalogue(language: Language, withLaw: boolean): Promise<Catalogue> {
  const modules = await Promise.all([ui[language](), ...(withLaw ? [law[language]()] : [])]);
  return new Catalogue(
    language,
    modules.map((module) => module.default),
  );
}
