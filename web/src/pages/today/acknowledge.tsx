// That an alarm was seen, by an auditor or the oversight body, with a fresh code.
import { useState } from "react";
import { path, post } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import type { Item } from "../../api/types.ts";
import { Text, useT } from "../../i18n/text.tsx";
import { Button } from "../../ui/button.tsx";
import { CodeDialog } from "../../ui/code-dialog.tsx";
import { useLive } from "../../ui/live.tsx";

export function Acknowledge(props: { item: Item }) {
  const { item } = props;
  const [open, setOpen] = useState(false);
  const live = useLive();
  const t = useT();
  const change = useChange(
    (code: string) => post<void>(path`/alarms/${item.id}/acknowledgement`, { code }),
    ["/today"],
  );
  return (
    <>
      <Button small onPress={() => setOpen(true)}>
        <Text k="today-page.acknowledge" />
      </Button>
      {open ? (
        <CodeDialog
          title={<Text k="today-page.acknowledge" />}
          close={() => setOpen(false)}
          error={change.error}
          busy={change.isPending}
          submit={(code) =>
            change.mutate(code, {
              onSuccess: () => {
                setOpen(false);
                live.notify(t("today-page.acknowledged"));
              },
            })
          }
        >
          <p>{t.phrase(item.what)}</p>
        </CodeDialog>
      ) : null}
    </>
  );
}
