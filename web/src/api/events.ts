// What the node says has changed (server-sent events), as paths whose answers are stale.
import type { QueryClient } from "@tanstack/react-query";
import { invalidate } from "./queries.ts";

const everywhere = ["/today"];

export const pathsOfTopic: { readonly [topic: string]: readonly string[] } = {
  records: ["/records", "/inbox", "/search"],
  disclosures: ["/inbox", "/outbox", "/disclosures", "/records"],
  consents: ["/consents", "/records"],
  recalls: ["/recalls", "/records", "/outbox"],
  "release-requests": ["/release-requests", "/records"],
  register: ["/agreements", "/coverage", "/records", "/node", "/parties", "/vocabulary"],
  peers: ["/peers"],
  accounts: ["/accounts", "/account-changes"],
  approvals: ["/approvals", "/officers", "/agreements"],
  ledger: ["/ledger"],
};

// Listens until the returned function is called. The browser connects again by itself; after a gap
// everything is asked for anew, for what changed meanwhile was not heard.
export function listen(client: QueryClient, connected: (yes: boolean) => void): () => void {
  const source = new EventSource("/api/v1/events");
  let lost = false;
  source.onopen = () => {
    connected(true);
    if (lost) void client.invalidateQueries();
    lost = false;
  };
  source.onerror = () => {
    lost = true;
    connected(false);
  };
  source.addEventListener("changed", (event) => {
    try {
      const { topic } = JSON.parse(event.data as string) as { topic?: string };
      const paths = topic === undefined ? undefined : pathsOfTopic[topic];
      if (paths) void invalidate(client, [...paths, ...everywhere]);
    } catch {
      // An event of a newer node: the next answer is fresh all the same.
    }
  });
  return () => source.close();
}
