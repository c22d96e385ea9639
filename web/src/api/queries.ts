// Reading from the node with react-query: one key for each path, made stale by what the node says
// has changed (events.ts).
import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, get, type Query } from "./client.ts";
import type { Mode, Node, Page, Party } from "./types.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // Only what never reached the node is asked again: an answer is an answer.
      retry: (count, error) => count < 2 && error instanceof ApiError && error.status === 0,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false },
  },
});

// Key of an answer: its path first, so that a topic can name all below a path.
export const keyOf = (route: string, query?: Query): readonly unknown[] =>
  query ? [route, query] : [route];

export function useGet<T>(
  route: string,
  query?: Query,
  options: { enabled?: boolean; keep?: boolean } = {},
): UseQueryResult<T, Error> {
  return useQuery<T, Error>({
    queryKey: keyOf(route, query),
    queryFn: ({ signal }) => get<T>(route, query, signal),
    enabled: options.enabled ?? true,
    ...(options.keep ? { placeholderData: keepPreviousData } : {}),
  });
}

// One list that the node pages by cursors: remembers the cursors of the pages before.
export function usePaged<T>(route: string, query: Query = {}) {
  const filter = JSON.stringify([route, query]);
  const [place, setPlace] = useState<{ filter: string; cursors: string[] }>({
    filter,
    cursors: [],
  });
  // Another filter starts at its first page.
  const cursors = place.filter === filter ? place.cursors : [];
  const cursor = cursors[cursors.length - 1];
  const result = useGet<Page<T>>(route, { ...query, cursor }, { keep: true });
  const next = result.data?.next ?? null;
  return {
    result,
    items: result.data?.items ?? [],
    page: cursors.length + 1,
    hasNext: next !== null,
    loading: result.isFetching,
    total: result.data?.total ?? null,
    next: () => {
      if (next !== null) setPlace({ filter, cursors: [...cursors, next] });
    },
    previous: () => setPlace({ filter, cursors: cursors.slice(0, -1) }),
  };
}

// Something that changes the node. Answers below each of `stale` are asked for anew.
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  stale: readonly string[],
) {
  const client = useQueryClient();
  return useMutation<Output, Error, Input>({
    mutationFn: change,
    onSuccess: () => invalidate(client, stale),
  });
}

export async function invalidate(client: QueryClient, prefixes: readonly string[]): Promise<void> {
  await client.invalidateQueries({
    predicate: (query) => {
      const route = String(query.queryKey[0]);
      return prefixes.some((prefix) => route === prefix || route.startsWith(`${prefix}/`));
    },
  });
}

export const useNode = () => useGet<Node>("/node");

// What a node says to whoever opens its pages.
export const useMode = () => useGet<Mode>("/mode");

export function useParties() {
  return useQuery<{ items: Party[] }, Error>({
    queryKey: keyOf("/parties"),
    queryFn: ({ signal }) => get("/parties", undefined, signal),
    staleTime: 600_000,
  });
}

export function useVocabulary() {
  return useQuery<{ [list: string]: string[] }, Error>({
    queryKey: keyOf("/vocabulary"),
    queryFn: ({ signal }) => get("/vocabulary", undefined, signal),
    staleTime: 600_000,
  });
}
