import { SegmentedControl, Skeleton } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useProjectQuery } from "../../api/cache/useProjectQuery";
import { useShownResult } from "../../api/cache/useShownResult";
import { PageTitle } from "../../components/page/PageTitle";
import { ReportContent } from "../../components/figures/ReportContent";
import { useAddressState } from "../../components/page/useAddressState";
import { rangeName } from "../../format/time";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { CrawlersPanel } from "./CrawlersPanel";
import { ClientsPanel, ClocksPanel, LimitsPanel } from "./DetailPanels";
import { DelayPanel } from "./DelayPanel";
import type { Health } from "./health";
import classes from "./HealthPage.module.css";
import { ReasonsPanel } from "./ReasonsPanel";
import { ReceivedPanel } from "./ReceivedPanel";
import { Status } from "./Status";

/** How often the page asks while it is visible, in milliseconds. */
const REFRESH_MS = 10_000;
const PERIODS = ["24h", "7d", "30d"] as const;

/** What came of the events that a project received. */
export function HealthPage() {
  return <ProjectPage>{(project) => <ProjectHealth project={project} />}</ProjectPage>;
}

function ProjectHealth({ project }: { project: Project }) {
  const [chosen, choose] = useAddressState("period");
  const period = PERIODS.find((one) => one === chosen) ?? "24h";
  const health = useProjectQuery(project.id, "health", { period }, REFRESH_MS);
  const { shown } = useShownResult(health);
  return (
    <>
      <PageTitle
        title={t.health.title}
        note={shown ? `${t.health.note} · ${rangeName(shown.from, shown.to, project.timezone)}` : t.health.note}
        actions={
          <SegmentedControl
            aria-label={t.health.period}
            size="xs"
            value={period}
            data={PERIODS.map((value) => ({ value, label: t.health.periods[value] }))}
            onChange={(value) => {
              choose(value === "24h" ? "" : value);
            }}
          />
        }
      />
      <ReportContent
        result={health}
        zone={project.timezone}
        failedTitle={t.health.notLoaded}
        skeleton={<Skeleton height={420} radius="lg" />}
      >
        {(data) => <Panels project={project} period={period} health={data} />}
      </ReportContent>
    </>
  );
}

function Panels({ project, period, health }: { project: Project; period: (typeof PERIODS)[number]; health: Health }) {
  return (
    <div className={classes.panels}>
      <Status health={health} />
      <ReceivedPanel health={health} />
      <ReasonsPanel title={t.health.reasons} empty={t.health.noReasons} reasons={health.reasons} />
      <ReasonsPanel title={t.health.warnings} empty={t.health.noWarnings} reasons={health.warnings} />
      {health.crawlers > 0 ? <CrawlersPanel project={project} period={period} /> : null}
      <DelayPanel health={health} zone={project.timezone} />
      <div className={classes.halves}>
        <LimitsPanel health={health} projectId={project.id} />
        <ClocksPanel health={health} />
      </div>
      <ClientsPanel health={health} />
    </div>
  );
}
