import { Page } from "../../app/page.tsx";
import { Text, useT } from "../../i18n/text.tsx";
import { EmptyState } from "../../ui/banner.tsx";

export default function AgreementsPages() {
  const t = useT();
  return (
    <Page title={t("nav.agreements")}>
      <EmptyState title={<Text k="page.unknown-why" />} />
    </Page>
  );
}
