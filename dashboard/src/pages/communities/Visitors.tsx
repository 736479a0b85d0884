import { SimpleGrid, Stack, Text } from "@mantine/core";
import type { Project } from "../../api/requests/client";
import { useOnline, type useVisitors } from "../../api/reports/divisions";
import { TimeSeriesChart } from "../../charts/TimeSeriesChart";
import { ChartPanel } from "../../components/figures/ChartPanel";
import { DataTable } from "../../components/tables/DataTable";
import { Kpi, KpiStrip } from "../../components/figures/Kpi";
import { Panel } from "../../components/page/Panel";
import { TimeSeriesTable } from "../../components/tables/TimeSeriesTable";
import { countryName } from "../../format/country";
import { exactNumber, sharePercent } from "../../format/numbers";
import { t } from "../../texts";
import { EnterLink } from "./EnterLink";
import { trendSeries } from "./trendSeries";

const texts = t.communities;
const COUNT = "count" as const;
const NOTHING_HIDDEN: ReadonlySet<string> = new Set();

type Data = NonNullable<ReturnType<typeof useVisitors>["data"]>;

interface PartProps {
  project: Project;
  data: Data;
}

/** The figures, the course and the origins of the visitors of some days. */
export function Visitors({ project, data }: PartProps) {
  const { of, divisions, origins, communities } = data;
  const shown = communities.filter(({ community_id: id }) => of.community === null || id === of.community);
  return (
    <Stack gap="md">
      <Figures project={project} data={data} />
      <Trend trends={data.trends} />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Table
          title={texts.divisions}
          note={texts.divisionsNote}
          columns={texts.divisionColumns}
          empty={texts.noDivisions}
          rows={divisions.map(({ division_id: id, division_name: name, division_type: kind, count, percentage }) => ({
            key: id,
            cells: [name, kind, exactNumber(count), sharePercent(percentage / 100)],
          }))}
        />
        <Stack gap="md">
          <Table
            title={texts.types}
            note={texts.typesNote}
            columns={texts.typeColumns}
            empty={texts.noDivisions}
            rows={Object.entries(origins.by_division_type).map(([kind, count]) => ({ key: kind, cells: [kind, exactNumber(count)] }))}
          />
          <Table
            title={texts.countries}
            note={texts.countriesNote}
            columns={texts.countryColumns}
            empty={texts.noCountries}
            rows={origins.top_countries.map(({ code, count }) => ({ key: code, cells: [countryName(code), exactNumber(count)] }))}
          />
        </Stack>
      </SimpleGrid>
      <Table
        title={texts.origins}
        note={texts.originsNote}
        columns={texts.originColumns}
        empty={texts.noOrigins}
        rows={shown.map((one) => ({
          key: one.community_id,
          cells: [
            one.community_name,
            ...[one.total_visitors, one.same_division_visitors, one.cross_division_visitors, one.unknown_division_visitors].map(exactNumber),
          ],
        }))}
      />
      {divisions.length === 0 || communities.length === 0 ? (
        <Text size="sm" c="dimmed">
          <EnterLink projectId={project.id} />
        </Text>
      ) : null}
    </Stack>
  );
}

function Figures({ project, data: { of, totals, growth } }: PartProps) {
  const online = useOnline(project.id, of.community);
  const { metrics } = texts;
  const previous = growth && of.growth ? { value: growth.previous_period, name: texts.before[of.growth] } : undefined;
  const figures = [
    { ...metrics.online, unit: COUNT, value: online },
    { ...metrics.total, unit: COUNT, value: totals.total_visitors, previous },
    { ...metrics.identified, unit: COUNT, value: totals.authenticated_visitors },
    { ...metrics.anonymous, unit: COUNT, value: totals.anonymous_visitors },
    { ...metrics.share, value: totals.conversion_rate / 100, unit: "share" as const },
    { ...metrics.views, unit: COUNT, value: totals.total_page_views },
  ];
  return (
    <KpiStrip label={texts.figures}>
      {figures.map(({ name, explanation, ...figure }) => (
        <Kpi key={name} label={name} explanation={explanation} {...figure} />
      ))}
    </KpiStrip>
  );
}

function Trend({ trends }: { trends: Data["trends"] }) {
  const series = trendSeries(trends);
  return (
    <ChartPanel
      title={texts.trend}
      chart={<TimeSeriesChart data={series} hidden={NOTHING_HIDDEN} label={texts.trendOf} height={260} />}
      table={() => <TimeSeriesTable data={series} caption={texts.trend} />}
    />
  );
}

interface TableProps {
  title: string;
  note: string;
  columns: string[];
  empty: string;
  rows: { key: string; cells: string[] }[];
}

function Table({ title, note, columns, empty, rows }: TableProps) {
  return (
    <Panel title={title}>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : (
        <DataTable caption={note} columns={columns} rows={rows} />
      )}
    </Panel>
  );
}
