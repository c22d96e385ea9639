import { Link, useLocation, useSearch } from "wouter";
import { type MessageKey, Text, useT } from "../../i18n/text.tsx";
import { readFilters, writeFilters } from "../agreements/filters.ts";
import { asked } from "./question.tsx";

const places: readonly { path: string; title: MessageKey }[] = [
  { path: "/coverage", title: "coverage.map" },
  { path: "/coverage/what-if", title: "what-if.title" },
  { path: "/coverage/gaps", title: "gaps.title" },
  { path: "/coverage/drawings", title: "drawings.title" },
];

// The party, day and area that somebody asked about go along from page to page.
export function CoverageNav() {
  const t = useT();
  const [location] = useLocation();
  const search = useSearch();
  const carried = writeFilters(asked, readFilters(asked, search));
  return (
    <nav className="nav subnav" aria-label={t("coverage.nav")}>
      <ul>
        {places.map((place) => (
          <li key={place.path}>
            <Link
              href={`${place.path}${carried}`}
              className="nav-link"
              aria-current={location === place.path ? "page" : undefined}
            >
              <Text k={place.title as "nav.today"} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
