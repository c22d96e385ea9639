// Who may do what, as the node's own table of routes has it. Here it only decides what a page
// offers: the node refuses what is not allowed, whatever a page shows.
import type { Role, Session } from "../api/types.ts";

const D = "duty-officer";
const A = "analyst";
const L = "legal-adviser";
const R = "releasing-officer";
const H = "rights-officer";
const M = "administrator";
const U = "auditor";
const O = "oversight";

export const roles: readonly Role[] = [D, A, L, R, H, M, U, O];

const everyone: readonly Role[] = roles;

export const allowed = {
  "records.read": [D, A, L, R, H, U],
  "outbox.read": [D, A, L, R, H, U, O],
  "release-requests.read": [D, A, L, R, H, U, O],
  "release-requests.create": [D, A, R],
  "release-requests.approve": [R],
  "release-requests.refuse": [R, H],
  "imports.create": [D, A, R],
  "consents.ask": [D, A, R],
  "consents.answer": [R],
  "recalls.create": [R],
  "today.own": [D, A, L, R, H],
  "peers.read": [D, A, L, R, M, U, O],
  "pairings.create": [M],
  "ledger.read": [D, L, R, M, U, O],
  "doctor.read": [D, M, U],
  "accounts.read": [M, U, O],
  "accounts.change": [M],
  "alarms.acknowledge": [U, O],
  "officers.read": [D, L, R, H, M, U, O],
  "approvals.sign": [D, L, R, M],
  "node.read": everyone,
} as const satisfies { readonly [action: string]: readonly Role[] };

export type Action = keyof typeof allowed;

export function may(session: Pick<Session, "roles"> | null, action: Action): boolean {
  const list: readonly Role[] = allowed[action];
  return session?.roles.some((role) => list.includes(role)) ?? false;
}
