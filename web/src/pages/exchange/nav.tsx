import { Link, useLocation } from "wouter";
import { type Action, may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { type MessageKey, Text, useT } from "../../i18n/text.tsx";

const places: readonly { path: string; title: MessageKey; needs: Action }[] = [
  { path: "/exchange/inbox", title: "exchange.inbox", needs: "records.read" },
  { path: "/exchange/outbox", title: "exchange.outbox", needs: "outbox.read" },
  {
    path: "/exchange/release-requests",
    title: "exchange.releases",
    needs: "release-requests.read",
  },
  { path: "/exchange/records", title: "exchange.records", needs: "records.read" },
  { path: "/exchange/search", title: "search.title", needs: "records.read" },
  { path: "/exchange/import", title: "exchange.import", needs: "imports.create" },
  { path: "/exchange/consents", title: "exchange.consents", needs: "records.read" },
  { path: "/exchange/recalls", title: "exchange.recalls", needs: "records.read" },
];

export function ExchangeNav() {
  const t = useT();
  const session = useSession();
  const [location] = useLocation();
  return (
    <nav className="nav subnav" aria-label={t("exchange.nav")}>
      <ul>
        {places
          .filter((place) => may(session, place.needs))
          .map((place) => (
            <li key={place.path}>
              <Link
                href={place.path}
                className="nav-link"
                aria-current={
                  location === place.path
                    ? "page"
                    : location.startsWith(`${place.path}/`)
                      ? "true"
                      : undefined
                }
              >
                <Text k={place.title} />
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
