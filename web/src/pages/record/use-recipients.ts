// "Who gets this and why" at the chosen instant, and now. While an answer is on its way the one before stays.
import { useCallback, useEffect, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { path } from "../../api/client.ts";
import { useGet } from "../../api/queries.ts";
import type { Recipients } from "../../api/types.ts";
import { apiText, type Instant, instantOf } from "./instant.ts";

// How long an instant stands before the node is asked: somebody who steps through days is asked for once.
const quietMs = 350;

export interface Asked {
  // What is shown; undefined before the first answer.
  shown: Recipients | undefined;
  // The answer of now, for the difference.
  now: Recipients | undefined;
  // The instant that was chosen; null is now.
  chosen: Instant | null;
  // Whether what is shown is the answer to `chosen`.
  settled: boolean;
  error: Error | null;
  retry: () => void;
  choose: (instant: Instant | null) => void;
}

export function useRecipients(record: string): Asked {
  const search = useSearch();
  const [place, navigate] = useLocation();
  // The instant is part of the address: a link shows the answer that its sender saw.
  const inAddress = new URLSearchParams(search).get("at");
  const [chosen, setChosen] = useState<Instant | null>(() => instantOf(inAddress ?? ""));
  const [at, setAt] = useState<string | null>(() => (chosen ? apiText(chosen) : null));
  // Somebody followed a link to another instant of the same record.
  const [followed, setFollowed] = useState(inAddress);
  if (followed !== inAddress) {
    setFollowed(inAddress);
    if (inAddress !== at) {
      const there = instantOf(inAddress ?? "");
      setChosen(there);
      setAt(there ? apiText(there) : null);
    }
  }

  useEffect(() => {
    const next = chosen ? apiText(chosen) : null;
    if (next === at) return;
    const timer = setTimeout(
      () => {
        setAt(next);
        navigate(next ? `${place}?at=${encodeURIComponent(next)}` : place, { replace: true });
      },
      next === null ? 0 : quietMs,
    );
    return () => clearTimeout(timer);
  }, [chosen, at, navigate, place]);

  const route = path`/records/${record}/recipients`;
  const now = useGet<Recipients>(route);
  const then = useGet<Recipients>(route, { at }, { enabled: at !== null });
  const choose = useCallback((instant: Instant | null) => setChosen(instant), []);

  const wanted = chosen ? apiText(chosen) : null;
  // The answer to what is chosen, once it is there; until then the last one that was shown.
  const fresh = wanted === null ? now.data : wanted === at ? then.data : undefined;
  const [last, setLast] = useState<Recipients | undefined>(undefined);
  if (fresh && fresh !== last) setLast(fresh);
  return {
    shown: fresh ?? last ?? now.data,
    now: now.data,
    chosen,
    settled: fresh !== undefined,
    error: (wanted !== null && wanted === at ? then.error : null) ?? now.error,
    retry: () => {
      void now.refetch();
      if (at !== null) void then.refetch();
    },
    choose,
  };
}
