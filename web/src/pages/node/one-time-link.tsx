// The one-time link of an account: shown this once, to whoever made it.
import type { AccountChange } from "../../api/types.ts";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { useLive } from "../../ui/live.tsx";

export function OneTimeLink(props: { change: AccountChange; close: () => void }) {
  const { change } = props;
  const live = useLive();
  const t = useT();
  const link = change.link ?? "";
  return (
    <Dialog
      open
      close={props.close}
      closes
      title={<Text k="accounts.link-title" account={change.account} />}
      actions={
        <Button
          kind="primary"
          onPress={() =>
            navigator.clipboard.writeText(link).then(
              () => live.notify(t("pairing.copied")),
              () => live.notify(t("pairing.not-copied"), "bad"),
            )
          }
        >
          <Text k="pairing.copy" />
        </Button>
      }
    >
      <Banner tone="warn">
        <p>
          <Text k="accounts.link-text" />
        </p>
      </Banner>
      <p className="one-time-link">
        <Data code>{link}</Data>
      </p>
      <p className="soft">
        <Text k="setup.expires" /> <DateTime value={change.link_expires} />
      </p>
    </Dialog>
  );
}
