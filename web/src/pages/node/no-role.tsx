import { Page } from "../../app/page.tsx";
import { Text } from "../../i18n/text.tsx";
import { EmptyState } from "../../ui/banner.tsx";

export function NoRole(props: { title: string; unknown?: boolean }) {
  return (
    <Page title={props.title}>
      <EmptyState
        title={props.unknown ? <Text k="page.unknown-why" /> : <Text k="page.not-for-role" />}
      />
    </Page>
  );
}
