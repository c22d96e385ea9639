// Brings a STIX 2.1 bundle into this node, and says what was lost on the way.
import { type DragEvent, useEffect, useId, useRef, useState } from "react";
import { importTimeoutMs, request } from "../../api/client.ts";
import { useChange, useGet, useVocabulary } from "../../api/queries.ts";
import type { ImportReport, Peer } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { may } from "../../app/roles.ts";
import { useSession } from "../../app/session.tsx";
import { Data, Text, useCatalogue, useT } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Banner, EmptyState, ErrorBanner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { Select, TextField } from "../../ui/field.tsx";
import { useLive } from "../../ui/live.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Facts } from "../exchange/parts.tsx";
import { ProposeDialog } from "../releases/propose-dialog.tsx";

// Losses shown at once; the report says how many there are.
const lossesShownMax = 200;

interface Options {
  tlp: string;
  area: string;
  purpose: string;
  published: string;
}

export default function ImportPage() {
  const t = useT();
  const live = useLive();
  const catalogue = useCatalogue();
  const vocabulary = useVocabulary();
  const [file, setFile] = useState<File | null>(null);
  const [options, setOptions] = useState<Options>({
    tlp: "",
    area: "",
    purpose: "",
    published: "",
  });
  const waiting = useRef<AbortController | null>(null);
  const [stopped, setStopped] = useState(false);
  const change = useChange(
    (given: { file: File; options: Options }) => {
      waiting.current = new AbortController();
      return request<ImportReport>("POST", "/imports", {
        query: { ...given.options },
        raw: given.file,
        signal: waiting.current.signal,
        timeoutMs: importTimeoutMs,
      });
    },
    ["/records", "/today", "/ledger"],
  );
  const set = (name: keyof Options) => (value: string) => setOptions({ ...options, [name]: value });
  const choices = (list: string, codes: readonly string[] | undefined, none: string) => [
    { value: "", label: none },
    ...(codes ?? []).map((code) => ({ value: code, label: t.word(list, code) })),
  ];
  const size = (bytes: number) =>
    new Intl.NumberFormat(catalogue.locale, {
      style: "unit",
      unit: bytes < 1_000_000 ? "kilobyte" : "megabyte",
      maximumFractionDigits: 1,
    }).format(bytes < 1_000_000 ? bytes / 1_000 : bytes / 1_000_000);
  return (
    <Page title={t("exchange.import")} lead={<Text k="exchange.import-lead" />}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!file || change.isPending) return;
          setStopped(false);
          change.mutate(
            { file, options },
            {
              onSuccess: (report) =>
                live.announce(
                  t("exchange.import-done", { added: report.added, refused: report.refused }),
                ),
            },
          );
        }}
      >
        <FileDrop
          choose={(chosen) => {
            setFile(chosen);
            setStopped(false);
            change.reset();
          }}
        />
        {file ? (
          <p role="status">
            <Data>{file.name}</Data> {size(file.size)}
          </p>
        ) : null}
        <div className="filters">
          <Select
            label={<Text k="exchange.import-tlp" />}
            help={<Text k="exchange.import-tlp-help" />}
            value={options.tlp}
            onChange={set("tlp")}
            choices={choices("tlp", vocabulary.data?.tlp, t("exchange.import-tlp-marked"))}
          />
          <Select
            label={<Text k="exchange.area" />}
            value={options.area}
            onChange={set("area")}
            choices={choices("area", vocabulary.data?.areas, t("exchange.import-default"))}
          />
          <Select
            label={<Text k="exchange.purpose" />}
            value={options.purpose}
            onChange={set("purpose")}
            choices={choices("purpose", vocabulary.data?.purposes, t("exchange.import-default"))}
          />
        </div>
        <TextField
          label={<Text k="exchange.published" />}
          help={<Text k="exchange.published-help" />}
          value={options.published}
          onChange={set("published")}
          maxLength={500}
          ltr
        />
        <Button type="submit" kind="primary" isDisabled={!file} isPending={change.isPending}>
          <Text k="exchange.import-start" />
        </Button>
      </form>
      {change.isPending && file ? (
        <Waiting
          file={file.name}
          size={size(file.size)}
          stop={() => {
            setStopped(true);
            waiting.current?.abort();
          }}
        />
      ) : null}
      {stopped && !change.isPending ? (
        <Banner tone="warn">
          <p role="status">
            <Text k="exchange.import-cancelled" />
          </p>
        </Banner>
      ) : null}
      {change.error && !stopped ? <ErrorBanner error={change.error} /> : null}
      {change.data ? <Report report={change.data} /> : null}
    </Page>
  );
}

// That an import is on its way, for how long, and how to wait no longer. The seconds are not read out.
function Waiting(props: { file: string; size: string; stop: () => void }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const begun = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - begun) / 1000)), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Banner
      actions={
        <Button onPress={props.stop}>
          <Text k="exchange.import-cancel" />
        </Button>
      }
    >
      <p role="status">
        <Text k="exchange.import-running" file={props.file} size={props.size} />
      </p>
      <p className="soft">
        <Text k="exchange.import-since" seconds={seconds} minutes={importTimeoutMs / 60_000} />
      </p>
    </Banner>
  );
}

// A place to drop a file on, which is a label of the file field: clicking it, or the field by keyboard,
// opens the system's own choice of files.
function FileDrop(props: { choose: (file: File | null) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) props.choose(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the field inside is the first
    <div
      className={over ? "drop drop-over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label className="field-label" htmlFor={id}>
        <Text k="exchange.import-file" />
      </label>
      <input
        id={id}
        type="file"
        accept=".json,application/json,application/stix+json"
        aria-describedby={`${id}-help`}
        onChange={(event) => props.choose(event.target.files?.[0] ?? null)}
      />
      <p id={`${id}-help`} className="field-help">
        <Text k="exchange.import-file-help" />
      </p>
    </div>
  );
}

function Report(props: { report: ImportReport }) {
  const { report } = props;
  const t = useT();
  const session = useSession();
  const [proposing, setProposing] = useState(false);
  const canPropose = may(session, "release-requests.create") && report.added + report.existed > 0;
  const peers = useGet<{ items: Peer[] }>("/peers", undefined, { enabled: canPropose });
  const candidates = (peers.data?.items ?? []).filter((p) => p.confirmed).map((p) => p.party);
  type Loss = ImportReport["losses"][number];
  const columns: Column<Loss>[] = [
    {
      key: "severity",
      title: t("exchange.loss-severity"),
      cell: (row) => (
        <Badge tone={row.severity === "warning" ? "warn" : "bad"}>
          {row.severity === "warning" ? t("exchange.loss-warning") : t("exchange.loss-refused")}
        </Badge>
      ),
    },
    {
      key: "why",
      title: t("exchange.loss-why"),
      rowHeader: true,
      cell: (row) => (
        <span lang="en">
          <Data>{row.why}</Data>
        </span>
      ),
    },
    { key: "id", title: t("exchange.loss-id"), cell: (row) => <Data code>{row.id || "–"}</Data> },
    { key: "where", title: t("exchange.loss-where"), cell: (row) => <Data code>{row.where}</Data> },
  ];
  const losses = report.losses.slice(0, lossesShownMax).map((loss, i) => ({ ...loss, key: i }));
  const all = report.refused + report.warnings;
  return (
    <section aria-labelledby="report">
      <h2 id="report">
        <Text k="exchange.report" />
      </h2>
      <Facts
        rows={[
          [<Text key="a" k="exchange.report-objects" />, report.objects],
          [<Text key="a" k="exchange.report-added" />, report.added],
          [<Text key="a" k="exchange.report-existed" />, report.existed],
          [<Text key="a" k="exchange.report-refused" />, report.refused],
          [<Text key="a" k="exchange.report-warnings" />, report.warnings],
          [
            <Text key="a" k="exchange.report-id" />,
            <Data key="b" code>
              {report.import}
            </Data>,
          ],
        ]}
      />
      {report.added === 0 ? (
        <Banner tone="warn">
          <p>
            <Text k="exchange.report-nothing" />
          </p>
        </Banner>
      ) : null}
      {canPropose && candidates.length > 0 ? (
        <Button onPress={() => setProposing(true)}>
          <Text k="exchange.propose-import" />
        </Button>
      ) : null}
      <Table
        caption={t("exchange.losses")}
        columns={columns}
        rows={losses}
        rowKey={(row) => String((row as Loss & { key: number }).key)}
        empty={
          <EmptyState title={<Text k="exchange.losses-none" />}>
            <Text k="exchange.losses-none-text" />
          </EmptyState>
        }
      />
      {all > losses.length ? (
        <p>
          <Text k="exchange.losses-more" shown={losses.length} all={all} />
        </p>
      ) : null}
      {proposing ? (
        <ProposeDialog
          ids={[report.import]}
          candidates={candidates}
          chosen={[]}
          close={() => setProposing(false)}
        />
      ) : null}
    </section>
  );
}
