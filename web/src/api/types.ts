// Written by scripts/api-types.mjs from src/api/openapi.json. Not for editing.
// biome-ignore-all lint: generated

// One page of a list; `next` is the cursor of the following one.
export type Page<T> = { items: T[]; next: string | null; total: number | null };

export type Phrase = { key: string; args?: { [name: string]: (string | number | Phrase | { list: "and" | "or"; items: ((string | Phrase))[] }) } };
export type Role = "duty-officer" | "analyst" | "legal-adviser" | "releasing-officer" | "rights-officer" | "administrator" | "auditor" | "oversight";
export type Session = { account: string; name: string; roles: Role[]; csrf: string; ends: string; language: "en" | "ar"; break_glass: boolean };
export type Setup = { account: string; name: string; roles: Role[]; otpauth: string; secret: string; qr_svg: string; expires: string };
export type Mode = { mode: "operational" | "exercise"; exercise: string | null };
export type Node = { party: string; party_name: string; mode: "operational" | "exercise"; exercise: string | null; version: string; now: string; treaty_now: string; register: string; overlay: Citation[]; endpoint: string };
export type Party = { code: string; name: string; kind: string };
export type Item = { id: string; kind: "receipt-missing" | "consent-asked" | "recall-received" | "arrived" | "release-request" | "approval" | "quarantined" | "key-expiring" | "duty-due" | "alarm"; what: Phrase; party: string | null; since: string; due: string | null; late: boolean; owner: string | null; link: string };
export type LegalDate = { id: string; kind: "entry-into-force" | "entry-by-rule" | "expiry" | "denunciation" | "notice-period" | "survival" | "suspension" | "suspension-end" | "duty" | "consultation" | "arrangement" | "designation" | "review"; first: string; last: string; at: string | null; instrument: string; title: string; clause: string | null; article: string | null; party: string; other: string | null; what: Phrase; sentence: (Phrase | null); late: boolean; suspended: boolean; met: string | null; provenance: string; rests_on: Phrase[]; link: string };
export type Today = { late: Item[]; fresh: Item[]; unowned: Item[]; peers: PeerLine[]; alarms: Item[]; legal: LegalDate[]; legal_more: number };
export type PeerLine = { party: string; state: "ok" | "behind" | "unreachable" | "unknown"; receipts_missing: number; last_seen: string | null; key_days_left: number | null };
export type Peer = (PeerLine & { endpoint: string; confirmed: boolean; digits: string[]; certificate: string });
export type Pairing = { party: string; endpoint: string; digits: string[]; confirmed: boolean };
export type LedgerRow = { index: number; kind: string; at: string; entry: { [name: string]: unknown } };
export type Ailment = { area: string; what: string; why: string; remedy: string };
export type Account = { account: string; name: string; roles: Role[]; state: "invited" | "active" | "locked" | "ended"; break_glass: boolean; last_sign_in: string | null };
export type AccountChange = { id: string; change: string; account: string; name: string; roles: Role[]; proposed_by: string; proposed: string; state: "waiting" | "done" | "withdrawn"; link: string | null; link_expires: string | null };
export type AgreementRow = { id: string; title: string; form: string; binding: string; levels: string[]; parties: number; in_force: string | null; areas: string[]; areas_claimed: string[]; verified: "verified" | "part" | "unverified" | "reference"; used: number; status: "in-force" | "suspended" | "not-in-force" | "unknown" };
export type Agreement = (AgreementRow & { note: string; provenance: string; signed: string | null; aliases: string[]; parent: string | null; predecessors: string[]; successors: string[]; party_rows: AgreementParty[]; clauses: Clause[]; suspensions: ({ [name: string]: unknown })[]; denunciations: ({ [name: string]: unknown })[]; claims: ({ areas: string[]; by: string; provenance: string })[]; source_errors: ({ [name: string]: unknown })[]; readings: ({ of: string; says: string; by: string; taken: boolean; provenance: string })[] });
export type AgreementParty = { code: string; status: "party" | "not-party" | "unknown"; signed: string | null; in_force: string | null; computed: string | null; until: string | null; provenance: string; assumed: string | null };
export type Clause = { id: string; article: string; verb: string; status: string; provenance: string; assumed: string | null; digest: string; sentence: Phrase; says: string | null; note: string | null; row: { [name: string]: unknown }; verification: { source: string; date: string; officers: string[] } | null; used: number };
export type Approval = { id: string; act: { [name: string]: unknown }; what: Phrase; signatures: ({ officer: string; role: string })[]; created: string; expires: string; state: "waiting" | "done"; result: string | null };
export type RecordRow = { id: string; stix_id: string; type: string; name: string; originator: string; received_from: string | null; classes: string[]; tlp: string; area: string; purpose: string; state: "live" | "quarantined"; arrived: string; source: string };
export type Record = (RecordRow & { object: { [name: string]: unknown }; published: string | null; doubts: string[]; quarantine_reason: string | null; chain: ({ instrument: string; originator: string })[]; names: ({ stix_id: string; id: string | null })[]; sent: SentRow[]; recalls: ({ [name: string]: unknown })[] });
export type Recipients = { at: string; register: string; counts: { permitted: number; needs: number; forbidden: number; "no-basis": number }; parties: Recipient[] };
export type Recipient = { party: string; verdict: "permitted" | "needs" | "forbidden" | "no-basis"; reach: "paired" | "token" | "none"; already: boolean; basis: Citation[]; needs: ({ kind: string; what: Phrase; from: Phrase })[]; reasons: ({ code: string; what: Phrase; citation: (Citation | null) })[]; duties: ({ what: Phrase; due: string | null; citation: Citation })[]; advice: ({ what: Phrase; citation: Citation })[]; assumed: ({ id: string; reason: string })[]; because: string | null };
export type Citation = { instrument: string; title: string; clause: string; article: string; status: string; sentence: (Phrase | null); says: string | null };
export type InboxRow = { disclosure: string; party: string; number: number; time: string; records: number; accepted: number; quarantined: number; rejected: number; basis: Citation[]; ground?: "national-discretion"; four_eyes?: true; reasons: string[] };
export type OutboxRow = SentRow;
export type SentRow = { disclosure: string; party: string; number: number; time: string; records: number; state: "receipt" | "missing" | "collected" | "acknowledged" | "waiting" | "withdrawn" | "served" | "recalled"; accepted: number; quarantined: number; rejected: number; basis: Citation[]; ground?: "national-discretion"; four_eyes?: true; reasons: string[] };
export type ImportReport = { import: string; objects: number; added: number; existed: number; refused: number; warnings: number; losses: ({ severity: string; where: string; id: string; why: string })[] };
export type ReleaseRequest = { id: string; ids: string[]; parties: string[]; note: string; proposed_by: string; proposed: string; state: "waiting" | "released" | "refused" | "withdrawn"; decided_by: string | null; decided: string | null; ground: string | null; preview: ({ party: string; verdict: string })[]; result: ReleaseResult[] | null };
export type ReleaseResult = { party: string; selected: number; already: number; held: ({ stix_id: string; verdict: string; because: string | null })[]; sent: ({ disclosure: string; number: number; records: number; receipt: boolean; accepted: number; error: string | null })[] };
export type Consent = { request: string; asked_by_us: boolean; party: string; recipient: string; purpose: string; records: string[]; held: string[]; state: string; consent: string | null; until: string | null; once: boolean; ground?: string; told: string };
export type Recall = { recall: string; ours: boolean; party: string; reason: string; state: string; records: string[]; copies: number; passed_on: number; awaiting: number };
export type Coverage = { party: string; at: string; rows: CoverageRow[]; counts: { [name: string]: number }; states: { [name: string]: number } };
export type CoverageRow = { party: string; name: string; basis: "bilateral" | "multilateral" | "regional" | "global" | "none" | "own"; state: "verified" | "unverified" | "assumed" | "claimed" | "none"; verdict: "permitted" | "needs" | "forbidden" | "no-basis"; instruments: Citation[]; claims: CoverageClaim[] };
export type CoverageClaim = { instrument: string; title: string; level: "bilateral" | "multilateral" | "regional" | "global"; by: string; provenance: string };
export type CoverageGaps = { party: string; at: string; rows: CoverageGap[]; counts: { [name: string]: number } };
export type CoverageGap = { party: string; name: string; none: string[]; claimed: string[]; unverified: string[]; assumed: string[]; verified: string[]; claims: CoverageClaim[]; nearest: CoverageStep[] };
export type CoverageStep = { instrument: string; title: string; level: "bilateral" | "multilateral" | "regional" | "global"; step: "read" | "party-joins" | "other-joins" | "both-join"; operative: boolean; areas: string[] };
export type CoverageWhatIf = { party: string; at: string; area: string | null; supposed: CoverageSupposed[]; problems: FileProblem[]; cells: CoverageChangeCounts; own: CoverageChangeCounts; pairs: number; rows: CoverageChange[]; more: number };
export type CoverageSupposed = { step: "accede" | "withdraw" | "add"; party: string | null; instrument: string; title: string };
export type FileProblem = { line: number; column: number; found: string; expected: string; suggestion: string };
export type CoverageChangeCounts = { gained: number; lost: number; changed: number; claimed: number; unclaimed: number };
export type CoverageChange = { party: string; name: string; area: string; change: "gained" | "lost" | "changed" | "claimed" | "unclaimed"; before: CoverageCell; after: CoverageCell };
export type CoverageCell = { basis: "bilateral" | "multilateral" | "regional" | "global" | "none"; state: "verified" | "unverified" | "assumed" | "claimed" | "none"; verdict: "permitted" | "needs" | "forbidden" | "no-basis"; supposed: boolean; instruments: Citation[] };
export type Problem = { type: string; title: string; status: number; detail: string; where?: string; kind: "invalid-input" | "too-large" | "not-found" | "conflict" | "not-permitted" | "not-verified" | "unauthenticated" | "unsupported" | "unavailable" | "corrupt" };
