// Filters of a list as state of the page's address (agreements/filters.ts).
import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { type Filters, readFilters, writeFilters } from "../agreements/filters.ts";

export function useFilters<Name extends string>(names: readonly Name[]) {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filters = useMemo(() => readFilters(names, search), [names, search]);
  const change = useCallback(
    (changed: Partial<Filters<Name>>) => {
      // A change of a filter is no step of its own: "back" leaves the list, as people expect.
      navigate(`${path}${writeFilters(names, { ...filters, ...changed })}`, { replace: true });
    },
    [names, filters, navigate, path],
  );
  const clear = useCallback(() => navigate(path, { replace: true }), [navigate, path]);
  return { filters, change, clear };
}
