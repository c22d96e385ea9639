// Messages of one language, and how they become text. ICU MessageFormat by intl-messageformat;
// what is data in a message is isolated, so that its direction cannot change the words around it.
import { IntlMessageFormat } from "intl-messageformat";

export type Language = "en" | "ar";
export const languages: readonly Language[] = ["en", "ar"];
// A language is named in itself, in every language.
export const languageNames: { readonly [L in Language]: string } = {
  en: "English",
  ar: "العربية",
};

// `unreviewed`: keys whose text no human has reviewed; "every" when that is all of them.
export interface Messages {
  readonly texts: { readonly [key: string]: string };
  readonly unreviewed: readonly string[] | "every";
}

// A string is data; an array is text that was worded already (a phrase within a phrase).
export type Value = string | number | Date | readonly Part[];
export type Part = { readonly kind: "words" | "data"; readonly text: string };
export type Values = { readonly [name: string]: Value };

// First strong isolate and its end (Unicode UAX 9): the text between has its own direction.
export const isolateStart = "\u2068";
export const isolateEnd = "\u2069";

// What can turn round, break or hide text: bidirectional controls, separators of lines and paragraphs,
// fillers, tags and what else has no width, and halves of a pair that stand alone. In data they are shown
// as what they are and not obeyed.
const deceptive =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;

export function shown(character: string): string {
  return `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`;
}

// `text` with deceptive characters spelled out.
export function plain(text: string): string {
  return text.replace(deceptive, shown);
}

// `text` in pieces: what can be shown as it is, and deceptive characters.
export function pieces(text: string): { text: string; deceptive: boolean }[] {
  const out: { text: string; deceptive: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(deceptive)) {
    if (match.index > end) out.push({ text: text.slice(end, match.index), deceptive: false });
    out.push({ text: shown(match[0]), deceptive: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) out.push({ text: text.slice(end), deceptive: false });
  return out;
}

export function isolate(text: string): string {
  return `${isolateStart}${text}${isolateEnd}`;
}

// A string of data. An object, so that formatToParts gives it back as a part of its own, while
// `select` still sees its text.
class Datum {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

class Worded {
  readonly parts: readonly Part[];
  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }
  toString(): string {
    return this.parts.map((part) => part.text).join("");
  }
}

function wrapped(value: Value): unknown {
  if (typeof value === "string") return new Datum(value);
  return Array.isArray(value) ? new Worded(value as readonly Part[]) : value;
}

// Parts as one string, data isolated and its deceptive characters spelled out.
export function flat(parts: readonly Part[]): string {
  return parts
    .map((part) => (part.kind === "data" ? isolate(plain(part.text)) : part.text))
    .join("");
}

export class Catalogue {
  readonly language: Language;
  readonly direction: "ltr" | "rtl";
  // For Intl. Arabic with Western digits: numbers, dates and the digits that officers compare are
  // read to each other across languages, and a register's numbers are written so.
  readonly locale: string;
  private readonly sources: Messages[];
  private readonly unreviewed: (ReadonlySet<string> | "every")[];
  private readonly formats = new Map<string, IntlMessageFormat>();

  constructor(language: Language, sources: readonly Messages[]) {
    this.language = language;
    this.direction = language === "ar" ? "rtl" : "ltr";
    this.locale = language === "ar" ? "ar-u-nu-latn" : "en-GB";
    this.sources = [...sources];
    this.unreviewed = sources.map((s) =>
      s.unreviewed === "every" ? "every" : new Set(s.unreviewed),
    );
  }

  has(key: string): boolean {
    return this.sources.some((source) => Object.hasOwn(source.texts, key));
  }

  reviewed(key: string): boolean {
    const at = this.sources.findIndex((source) => Object.hasOwn(source.texts, key));
    const unreviewed = this.unreviewed[at];
    return unreviewed !== undefined && unreviewed !== "every" && !unreviewed.has(key);
  }

  // The message in pieces. Pieces of data come without isolates; whoever shows them isolates them.
  // An unknown key, or a message whose values are missing, gives the key: an interface that shows
  // a key has a defect that is seen, one that breaks hides the decision behind it.
  parts(key: string, values: Values = {}): Part[] {
    const format = this.format(key);
    if (!format) return [{ kind: "words", text: key }];
    const given = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, wrapped(value)]),
    );
    try {
      return format.formatToParts<unknown>(given as never).flatMap((part): readonly Part[] => {
        const value: unknown = part.value;
        if (value instanceof Worded) return value.parts;
        return value instanceof Datum
          ? [{ kind: "data", text: value.text }]
          : [{ kind: "words", text: String(value) }];
      });
    } catch {
      return [{ kind: "words", text: key }];
    }
  }

  text(key: string, values: Values = {}): string {
    return flat(this.parts(key, values));
  }

  private format(key: string): IntlMessageFormat | null {
    const known = this.formats.get(key);
    if (known) return known;
    const source = this.sources.find((s) => Object.hasOwn(s.texts, key))?.texts[key];
    if (source === undefined) return null;
    const made = new IntlMessageFormat(source, this.locale, undefined, { ignoreTag: true });
    this.formats.set(key, made);
    return made;
  }
}
