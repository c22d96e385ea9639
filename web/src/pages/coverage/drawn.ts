// What is in a drawing of the node, in the drawing's own words (its title, desc, and the titles of its parts).

export interface DrawnItem {
  name: string;
  about: string;
}

export interface Drawn {
  summary: string[];
  groups: { heading: string; items: DrawnItem[] }[];
}

// Isolates that the node puts round data: here each line is data by itself.
const isolates = /[\u2066-\u2069]/g;

const linesOf = (element: Element | null): string[] =>
  (element?.textContent ?? "")
    .replace(isolates, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const childrenOf = (element: Element, tag: string): Element[] =>
  [...element.children].filter((child) => child.localName === tag);

function itemOf(part: Element): DrawnItem[] {
  const [name, ...about] = linesOf(childrenOf(part, "title")[0] ?? null);
  return name === undefined ? [] : [{ name, about: about.join(" · ") }];
}

// The pyramid has a part for each level with its instruments in it; the web has instruments and parties side
// by side.
export function drawnIn(document: Document): Drawn {
  const root = document.documentElement;
  const out: Drawn = { summary: linesOf(childrenOf(root, "desc")[0] ?? null), groups: [] };
  const loose: DrawnItem[] = [];
  for (const part of childrenOf(root, "g")) {
    const within = childrenOf(part, "g").flatMap(itemOf);
    if (within.length > 0)
      out.groups.push({
        heading: linesOf(childrenOf(part, "text")[0] ?? null).join(" "),
        items: within,
      });
    else loose.push(...itemOf(part));
  }
  if (loose.length > 0) out.groups.push({ heading: "", items: loose });
  return out;
}
