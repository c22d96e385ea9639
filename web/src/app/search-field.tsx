// The field in the head of every page by which somebody searches in what the node holds.
import { type FormEvent, useEffect, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { Text, useT } from "../i18n/text.tsx";
import { readSearch, searchAddress, searchPath } from "../pages/exchange/search-query.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";

export function SearchField() {
  const t = useT();
  const [location, navigate] = useLocation();
  const search = useSearch();
  // On the page of results it says what was looked for; elsewhere it is empty.
  const asked = location === searchPath ? readSearch(search) : { q: "", type: "" };
  const [typed, setTyped] = useState(asked.q);
  useEffect(() => setTyped(asked.q), [asked.q]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim()) navigate(searchAddress({ q: typed, type: asked.type }));
  };
  return (
    <search className="top-search" aria-label={t("search.title")}>
      <form onSubmit={submit}>
        <TextField
          label={
            <span className="visually-hidden">
              <Text k="search.field" />
            </span>
          }
          type="search"
          inputMode="search"
          value={typed}
          onChange={setTyped}
        />
        <Button small type="submit">
          <Text k="search.go" />
        </Button>
      </form>
    </search>
  );
}
