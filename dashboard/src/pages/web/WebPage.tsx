import { Skeleton, Stack } from "@mantine/core";
import type { Project } from "../../api/client";
import { reportAddress } from "../../api/reportAddress";
import { useWebReport } from "../../api/web";
import { useShownResult } from "../../api/useShownResult";
import { AnswerNotes } from "../../components/AnswerNotes";
import { PageTitle } from "../../components/PageTitle";
import { ReportContent } from "../../components/ReportContent";
import { rangeName } from "../../format/time";
import { ReportBar } from "../../report/ReportBar";
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
        actions={<ReportBar project={project} />}
      />
      <Stack gap="var(--tm-gap)">
        <ReportContent result={figures} zone={project.timezone} failedTitle={t.web.notLoaded} skeleton={<Skeleton height={400} radius="lg" />}>
          {({ asked, report }) => (
            <>
              <AnswerNotes answers={[report]} intervals={{ interval: report.interval, starts: report.series.map(({ date }) => date) }} />
              <WebFigures report={report} address={reportAddress(project.id, "web/", asked)} />
            </>
          )}
        </ReportContent>
        <WebLists project={project} />
      </Stack>
      <DetailsDrawer projectId={project.id} />
    </>
  );
}
