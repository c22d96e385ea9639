// What is different between two answers of "Who gets this and why": the one shown and the one of now.
// Pure; the record page shows the outcome as a list and says it in its live region.
import type { Recipient, Recipients } from "../../api/types.ts";

export type Verdict = Recipient["verdict"];

// From open to closed. The order in which groups stand on the page and on paper.
export const verdicts: readonly Verdict[] = ["permitted", "needs", "forbidden", "no-basis"];

export type VerdictChange = {
  party: string;
  // Null where the party stands in one of the answers only: the register of that instant has it not.
  before: Verdict | null;
  after: Verdict | null;
  // The same verdict on another ground or with other needs: to be looked at, but nothing opens or closes.
  groundOnly: boolean;
};

// What a verdict rests on, as one text: parties whose text is equal have the same answer.
function ground(recipient: Recipient): string {
  return JSON.stringify([
    recipient.basis.map((c) => [c.instrument, c.clause]),
    recipient.needs.map((n) => [n.kind, n.from, n.what]),
    recipient.reasons.map((r) => [r.code, r.citation?.instrument, r.citation?.clause]),
    recipient.because,
  ]);
}

// Changes from `before` to `after`: first those of the verdict, from what opens most to what closes, then
// those of the ground alone; each in the order of the codes.
export function differences(before: Recipients, after: Recipients): VerdictChange[] {
  const earlier = new Map(before.parties.map((r) => [r.party, r]));
  const later = new Map(after.parties.map((r) => [r.party, r]));
  const changes: VerdictChange[] = [];
  for (const party of new Set([...earlier.keys(), ...later.keys()])) {
    const a = earlier.get(party);
    const b = later.get(party);
    const from = a?.verdict ?? null;
    const to = b?.verdict ?? null;
    if (from !== to) changes.push({ party, before: from, after: to, groundOnly: false });
    else if (a && b && ground(a) !== ground(b))
      changes.push({ party, before: from, after: to, groundOnly: true });
  }
  const rank = (v: Verdict | null) => (v === null ? verdicts.length : verdicts.indexOf(v));
  return changes.sort(
    (x, y) =>
      Number(x.groundOnly) - Number(y.groundOnly) ||
      rank(x.after) - rank(y.after) ||
      (x.party < y.party ? -1 : 1),
  );
}

// The answers that the page shows group by group.
export function byVerdict(parties: readonly Recipient[]): Record<Verdict, Recipient[]> {
  const out: Record<Verdict, Recipient[]> = {
    permitted: [],
    needs: [],
    forbidden: [],
    "no-basis": [],
  };
  for (const recipient of parties) out[recipient.verdict].push(recipient);
  return out;
}

// Parties whose name or code holds `text`, without regard to case and accents. An empty text keeps all.
export function matching<T extends { party: string }>(
  rows: readonly T[],
  text: string,
  name: (code: string) => string,
): T[] {
  const wanted = plain(text);
  if (wanted === "") return [...rows];
  return rows.filter(
    (r) => plain(name(r.party)).includes(wanted) || plain(r.party).includes(wanted),
  );
}

// Case, accents and Arabic vowel signs do not count in a search.
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}
