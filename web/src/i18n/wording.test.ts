// The program words the same phrases in C++ (src/treaty/words.cpp), and is held to the same cases.
import { expect, it } from "vitest";
import ar from "../../../register/messages/ar.json";
import en from "../../../register/messages/en.json";
import type { Phrase } from "../api/types.ts";
import { Catalogue, isolateEnd, isolateStart, type Messages } from "./catalogue.ts";
import { phraseText } from "./phrase.ts";
import cases from "./wording.json";

function messages(file: { readonly [key: string]: { readonly text: string } }): Messages {
  const texts = Object.entries(file).map(([key, entry]) => [key, entry.text]);
  return { texts: Object.fromEntries(texts), unreviewed: "every" };
}

const catalogues = {
  en: new Catalogue("en", [messages(en)]),
  ar: new Catalogue("ar", [messages(ar)]),
};

it.each(["en", "ar"] as const)("words every case in %s as the program does", (language) => {
  for (const one of cases) {
    const text = phraseText(catalogues[language], one.phrase as unknown as Phrase);
    expect(text.replaceAll(isolateStart, "").replaceAll(isolateEnd, "")).toBe(one[language]);
  }
});
