// Two legal advisers, each with their own key, say that a row says what the official text says. First: which text was
// read, and when. Then the signature (officer-key/sign-form.tsx), over the very row that is shown here.
import { lazy, Suspense, useState } from "react";
import { get, path } from "../../api/client.ts";
import { useChange } from "../../api/queries.ts";
import type { Approval, Clause } from "../../api/types.ts";
import { Data, Sentence, Text, useT } from "../../i18n/text.tsx";
import { Banner, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { DateTime } from "../../ui/date-time.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { Facts } from "../exchange/parts.tsx";
import { isAbout, sourceCharsMax, verificationOf } from "./verification.ts";

// Keys and signatures load only with whoever signs.
const SignDialog = lazy(async () => ({
  default: (await import("../../officer-key/sign-form.tsx")).SignDialog,
}));

type Act = Approval["act"];

export function VerifyDialog(props: {
  agreement: string;
  clause: Clause;
  // The act that another adviser has signed already; null for the first signature.
  waiting: Approval | null;
  close: () => void;
}) {
  const { agreement, clause, close } = props;
  const t = useT();
  const live = useLive();
  const [act, setAct] = useState<Act | null>(props.waiting?.act ?? null);
  if (act === null)
    return <SourceDialog agreement={agreement} clause={clause} close={close} prepared={setAct} />;
  const found = verificationOf(act);
  if (!found || !isAbout(act, agreement, clause))
    return (
      <Dialog open close={close} title={<Text k="agreements.verify" />} closes>
        <Banner tone="bad" alert>
          <p>
            <Text k="agreements.verify-other-row" />
          </p>
        </Banner>
      </Dialog>
    );
  return (
    <Suspense fallback={<Loading />}>
      <SignDialog
        act={act}
        close={close}
        done={(approval) => {
          live.notify(
            t(approval.state === "done" ? "agreements.verify-done" : "agreements.verify-waits"),
          );
          close();
        }}
      >
        <Compared clause={clause} />
        <Facts
          rows={[
            [<Text key="a" k="agreements.verify-source" />, <Data key="b">{found.source}</Data>],
            [<Text key="a" k="agreements.verify-date" />, <DateTime key="b" value={found.date} />],
          ]}
        />
      </SignDialog>
    </Suspense>
  );
}

// What is compared with the official text: the row as a sentence, and what the register says of the article.
function Compared(props: { clause: Clause }) {
  const { clause } = props;
  return (
    <blockquote className="clause-sentence">
      <Data>{clause.article}</Data>
      {": "}
      <Sentence phrase={clause.sentence} />
      {clause.says ? (
        <q className="citation-says" lang="en">
          <Data>{clause.says}</Data>
        </q>
      ) : null}
    </blockquote>
  );
}

function SourceDialog(props: {
  agreement: string;
  clause: Clause;
  close: () => void;
  prepared: (act: Act) => void;
}) {
  const [source, setSource] = useState("");
  const [date, setDate] = useState("");
  const prepare = useChange(
    (given: { source: string; date: string }) =>
      get<{ act: Act }>(
        path`/agreements/${props.agreement}/clauses/${props.clause.id}/verification`,
        given,
      ),
    [],
  );
  return (
    <Dialog
      open
      close={props.close}
      title={<Text k="agreements.verify" />}
      actions={
        <Button
          kind="primary"
          isDisabled={source.trim() === "" || date === "" || prepare.isPending}
          onPress={() =>
            prepare.mutate(
              { source: source.trim(), date },
              { onSuccess: (made) => props.prepared(made.act) },
            )
          }
        >
          <Text k="agreements.verify-next" />
        </Button>
      }
    >
      <p>
        <Text k="agreements.verify-text" />
      </p>
      <Compared clause={props.clause} />
      <TextField
        label={<Text k="agreements.verify-source" />}
        help={<Text k="agreements.verify-source-help" />}
        value={source}
        onChange={setSource}
        maxLength={sourceCharsMax}
        required
      />
      <TextField
        label={<Text k="agreements.verify-date" />}
        type="date"
        value={date}
        onChange={setDate}
        required
        ltr
      />
      {prepare.error ? <ErrorBanner error={prepare.error} /> : null}
    </Dialog>
  );
}
