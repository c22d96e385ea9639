// What one party could do if the law were another: suppositions, and the cells that change with them.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiError, request } from "../../api/client.ts";
import { useMode, useNode } from "../../api/queries.ts";
import type { CoverageWhatIf } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Banner, EmptyState, ErrorBanner, Loading } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { PartyName } from "../../ui/citation.tsx";
import { useLive } from "../../ui/live.tsx";
import { AgreementLink, SupposedMark } from "./parts.tsx";
import { AreaField, DayField, PartyField, useQuestion } from "./question.tsx";
import { type Suppose, SupposeForm } from "./suppose-form.tsx";
import { bodyOf, fileOf, meantBy, type Supposition } from "./suppositions.ts";
import { Mistakes, WhatIfResult } from "./what-if-result.tsx";

export default function WhatIfPage(props: {
  supposed: readonly Supposition[];
  suppose: Suppose;
  drop: (one: Supposition) => void;
}) {
  const { supposed } = props;
  const t = useT();
  const live = useLive();
  const { change, own, party, day, area, ready } = useQuestion();
  const node = useNode();
  const mode = useMode();
  const body = bodyOf(supposed, { party, at: day, area });
  const found = useQuery<CoverageWhatIf, Error>({
    // Each supposition by its number: a file is long, and the same file may have other bytes. Another law,
    // another answer. No path of the node's own: what changes there must not ask again for nobody.
    queryKey: ["what-if", party, day, area, node.data?.register, supposed.map((one) => one.key)],
    queryFn: ({ signal }) => request<CoverageWhatIf>("POST", "/coverage/what-if", { body, signal }),
    enabled: ready && supposed.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const error = found.error;
  const meant = error instanceof ApiError ? meantBy(error.where, supposed) : null;
  const answer = supposed.length > 0 ? found.data : undefined;
  useEffect(() => {
    if (!answer || answer.problems.length > 0) return;
    const { gained, lost, changed } = answer.own;
    live.announce(t("what-if.done", { gained, lost, changed }));
  }, [answer, live, t]);

  return (
    <Page title={t("what-if.title")} lead={<Text k="what-if.lead" />}>
      <Banner tone="warn" title={<Text k="what-if.supposed-title" />}>
        <p>
          <Text k="what-if.not-kept" />{" "}
          {mode.data?.mode === "operational" ? <Text k="what-if.operational" /> : null}
        </p>
      </Banner>
      <search className="filters">
        <PartyField
          value={party}
          onChange={(code) => change({ party: code === own ? "" : code })}
        />
        <DayField value={day} onChange={(at) => change({ at })} />
        <AreaField value={area} onChange={(chosen) => change({ area: chosen })} />
      </search>
      <section aria-labelledby="suppositions">
        <h2 id="suppositions">
          <Text k="what-if.suppositions" />
        </h2>
        <Suppositions list={supposed} drop={props.drop} meant={meant} />
        {party ? <SupposeForm party={party} suppose={props.suppose} /> : null}
      </section>
      {error ? <ErrorBanner error={error} retry={() => void found.refetch()} /> : null}
      {found.isLoading ? <Loading /> : null}
      {answer && answer.problems.length > 0 ? (
        <Mistakes problems={answer.problems} name={fileOf(supposed)?.name ?? ""} />
      ) : null}
      {answer && answer.problems.length === 0 ? (
        <WhatIfResult answer={answer} day={day} area={area} />
      ) : null}
    </Page>
  );
}

function Suppositions(props: {
  list: readonly Supposition[];
  drop: (one: Supposition) => void;
  meant: Supposition | null;
}) {
  const t = useT();
  const live = useLive();
  if (props.list.length === 0)
    return (
      <EmptyState title={<Text k="what-if.none" />}>
        <Text k="what-if.none-text" />
      </EmptyState>
    );
  return (
    <ul className="suppositions" aria-label={t("what-if.suppositions")}>
      {props.list.map((one) => (
        <li key={one.key} className="row">
          <SupposedMark />
          <Said one={one} />
          <Button
            small
            onPress={() => {
              props.drop(one);
              live.announce(t("what-if.removed"));
            }}
          >
            <Text k="what-if.remove" />
            <span className="visually-hidden">
              {" "}
              <Data>{one.kind === "add" ? one.name : `${one.party} ${one.instrument}`}</Data>
            </span>
          </Button>
          {props.meant === one ? (
            <span className="field-error">
              <Text k="what-if.refused" />
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function Said(props: { one: Supposition }) {
  const { one } = props;
  if (one.kind === "add")
    return (
      <span>
        <Text k="what-if.says-add" /> <Data>{one.name}</Data>
      </span>
    );
  return (
    <span>
      <PartyName code={one.party} />{" "}
      {one.kind === "accede" ? (
        <Text k="what-if.says-accede" />
      ) : (
        <Text k="what-if.says-withdraw" />
      )}{" "}
      <AgreementLink id={one.instrument} title={one.title} />
    </span>
  );
}
