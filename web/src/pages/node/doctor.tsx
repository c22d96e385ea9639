// What the doctor finds at this node: each ailment with its reason and what helps against it. Its
// words are the program's own, in English, as they stand in its log.
import { useGet } from "../../api/queries.ts";
import type { Ailment } from "../../api/types.ts";
import { Page } from "../../app/page.tsx";
import { Data, Text, useT } from "../../i18n/text.tsx";
import { Badge } from "../../ui/badge.tsx";
import { Banner, ErrorBanner, Loading } from "../../ui/banner.tsx";

export default function DoctorPage() {
  const t = useT();
  const doctor = useGet<{ items: Ailment[] }>("/doctor");
  return (
    <Page title={t("node.doctor")} lead={<Text k="doctor.lead" />}>
      {doctor.error ? (
        <ErrorBanner error={doctor.error} retry={() => void doctor.refetch()} />
      ) : null}
      {doctor.data ? (
        doctor.data.items.length === 0 ? (
          <Banner tone="good" title={<Text k="doctor.well" />} />
        ) : (
          <ul className="stack" lang="en">
            {doctor.data.items.map((ailment) => (
              <li key={`${ailment.area} ${ailment.what}`} className="panel stack ailment">
                <h2>
                  <Badge tone="warn">
                    <Data>{ailment.area}</Data>
                  </Badge>{" "}
                  <Data>{ailment.what}</Data>
                </h2>
                <p>
                  <Data>{ailment.why}</Data>
                </p>
                <p>
                  <strong>
                    <Text k="doctor.remedy" />
                  </strong>{" "}
                  <Data>{ailment.remedy}</Data>
                </p>
              </li>
            ))}
          </ul>
        )
      ) : doctor.error ? null : (
        <Loading />
      )}
    </Page>
  );
}
