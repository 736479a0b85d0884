import { Button, Skeleton, Stack } from "@mantine/core";
import { IconMapPins } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { projectAddress } from "../../addresses";
import type { Project } from "../../api/requests/client";
import { reportAddress } from "../../api/reports/reportAddress";
import { useWebReport } from "../../api/reports/web";
import { useShownResult } from "../../api/cache/useShownResult";
import { AnswerNotes } from "../../components/figures/AnswerNotes";
import { PageTitle } from "../../components/page/PageTitle";
import { ReportContent } from "../../components/figures/ReportContent";
import { rangeName } from "../../format/time";
import { ReportBar } from "../../report/ReportBar";
import { reportParameters } from "../../report/reportState";
import { useReport } from "../../report/useReport";
import { t } from "../../texts";
import { ProjectPage } from "../ProjectPage";
import { DetailsDrawer } from "./DetailsDrawer";
import { WebFigures } from "./WebFigures";
import { WebLists } from "./WebLists";
import { useWebQuery } from "./useWebQuery";

/** Visitors of a site: how many, where from, on which pages, and what they reach. */
export function WebPage() {
  return <ProjectPage>{(project) => <Web project={project} />}</ProjectPage>;
}

function Web({ project }: { project: Project }) {
  const { interval } = useReport();
  const { query } = useWebQuery();
  const figures = useWebReport(project.id, { ...query, ...(interval === null ? {} : { interval }) });
  const shown = useShownResult(figures).shown?.report;
  return (
    <>
      <PageTitle
        title={t.web.title}
        tab={t.web.tab(project.name)}
        note={shown ? rangeName(shown.from, shown.to, shown.timezone) : undefined}
        actions={<ReportBar project={project} actions={<CommunitiesLink projectId={project.id} />} />}
      />
      <Stack gap="var(--tm-gap)">
        <ReportContent result={figures} zone={project.timezone} failedTitle={t.web.notLoaded} skeleton={<Skeleton height={400} radius="lg" />}>
          {({ asked, report }) => (
            <>
              <AnswerNotes answers={[report]} intervals={{ interval: report.interval, starts: report.series.map(({ date }) => date) }} />
              <WebFigures report={report} asked={asked} address={reportAddress(project.id, "web/", asked)} />
            </>
          )}
        </ReportContent>
        <WebLists project={project} />
      </Stack>
      <DetailsDrawer projectId={project.id} />
    </>
  );
}

/** Leads to the same dates by community and division. */
function CommunitiesLink({ projectId }: { projectId: number }) {
  const [parameters] = useSearchParams();
  return (
    <Button
      component={Link}
      to={{ pathname: projectAddress(projectId, "/web/communities"), search: reportParameters(parameters).toString() }}
      variant="default"
      size="xs"
      leftSection={<IconMapPins size={15} stroke={1.7} />}
    >
      {t.communities.short}
    </Button>
  );
}
