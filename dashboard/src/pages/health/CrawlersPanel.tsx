import { Skeleton, Text } from "@mantine/core";
import { useProjectQuery } from "../../api/cache/useProjectQuery";
import type { Project, Report, ReportQuery } from "../../api/requests/client";
import { ReportContent } from "../../components/figures/ReportContent";
import { Panel } from "../../components/page/Panel";
import { DataTable } from "../../components/tables/DataTable";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";

type Period = ReportQuery<"crawlers">["period"];

/** What crawlers sent: by what they are for and who operates them, and the pages of those that are kept. */
export function CrawlersPanel({ project, period }: { project: Project; period: Period }) {
  const crawlers = useProjectQuery(project.id, "crawlers", { period });
  return (
    <Panel title={t.health.crawlers.title}>
      <Text size="sm" c="dimmed" mb="sm">
        {t.health.crawlers.note}
      </Text>
      <ReportContent
        result={crawlers}
        zone={project.timezone}
        failedTitle={t.health.crawlers.notLoaded}
        skeleton={<Skeleton height={120} radius="lg" />}
      >
        {(data) => <Tables crawlers={data} />}
      </ReportContent>
    </Panel>
  );
}

function Tables({ crawlers: { sources, pages } }: { crawlers: Report<"crawlers"> }) {
  const texts = t.health.crawlers;
  // A newer server may know more classes.
  const classes: Record<string, string> = texts.classes;
  const source = (crawlerClass: string, operator: string) => [
    classes[crawlerClass] ?? crawlerClass,
    operator || texts.unknownOperator,
  ];
  return (
    <>
      <DataTable
        caption={texts.title}
        isTitled
        columns={texts.columns}
        rows={sources.map((row) => ({
          key: `${row.crawler_class}/${row.operator}`,
          cells: [...source(row.crawler_class, row.operator), exactNumber(row.events)],
        }))}
      />
      {pages.length === 0 ? null : (
        <DataTable
          caption={texts.pages}
          columns={[texts.page, ...texts.columns]}
          rows={pages.map((row) => ({
            key: `${row.page_url}/${row.crawler_class}/${row.operator}`,
            cells: [row.page_url || t.common.none, ...source(row.crawler_class, row.operator), exactNumber(row.events)],
          }))}
        />
      )}
    </>
  );
}
