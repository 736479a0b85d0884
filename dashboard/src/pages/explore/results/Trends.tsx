import { Group, Text } from "@mantine/core";
import { useContext, useMemo, type ReactNode } from "react";
import type { TrendsResult } from "../../../api/insights/insights";
import { TimeSeriesChart } from "../../../charts/TimeSeriesChart";
import { Door } from "../../../components/figures/Door";
import { DownloadCsv } from "../../../components/download/DownloadCsv";
import { Panel } from "../../../components/page/Panel";
import { TimeSeriesTable } from "../../../components/tables/TimeSeriesTable";
import { useSeriesToggle } from "../../../components/figures/useSeriesToggle";
import { exactNumber } from "../../../format/numbers";
import { intervalName } from "../../../format/time";
import type { Compare } from "../../../report/reportState";
import { useShortcut } from "../../../report/useShortcut";
import { t } from "../../../texts";
import type { TrendsQuery } from "../query/insightQuery";
import { sentence } from "../query/sentence";
import { useView, ViewOfTile } from "../query/view";
import { nobodyDid, NoResult } from "./NoResult";
import { SeriesTable } from "./SeriesTable";
import { intervalQuestion, rowCondition, totalQuestion } from "./totalQuestion";
import { TotalBars } from "./TotalBars";
import { TotalMap } from "./TotalMap";
import { TotalNumbers } from "./TotalNumbers";
import { trendLines } from "./trendLines";
import { TrendToolbar, TrendToolbarOfTile } from "./TrendToolbar";
import { applyView, trendView } from "./trendView";

interface TrendsProps {
  result: TrendsResult;
  query: TrendsQuery;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** Metrics over time, and a table of their totals that is the legend. */
export function Trends({ result, query, body, receivedAt }: TrendsProps) {
  const data = useMemo(() => trendLines(result, query, receivedAt), [result, query, receivedAt]);
  const { hidden, toggle } = useSeriesToggle();
  const [options, setOptions] = useView();
  const view = trendView(options, result.series, data);
  const title = sentence(query);
  const isTile = useContext(ViewOfTile) !== null;
  const Toolbar = isTile ? TrendToolbarOfTile : TrendToolbar;
  const toggleTable = () => {
    setOptions({ chart: view.chart === "table" ? "" : "table" });
  };
  useShortcut("t", isTile ? null : toggleTable);
  if (isEmpty(result)) {
    return (
      <Panel title={title}>
        <NoResult title={nobodyDid(query.series)} query={query} />
      </Panel>
    );
  }
  const total = (index: number, text: ReactNode) => {
    const series = result.series[index];
    return (
      <Door
        figure={t.explore.usersBehind(data.lines[index]?.label ?? "")}
        question={series?.total ? totalQuestion(series, index, query, body) : null}
        condition={series && rowCondition(series, query.breakdown)}
      >
        {text}
      </Door>
    );
  };
  const ofInterval = (line: number, interval: number, text: string) => (
    <Door
      figure={t.explore.usersBehind(`${data.lines[line]?.label ?? ""} · ${intervalName(data.lines[line]?.dates?.[interval] ?? data.starts[interval] ?? "", data.interval, data.timezone)}`)}
      question={intervalQuestion(result, { line, interval }, query, body)}
    >
      {text}
    </Door>
  );
  return (
    <Panel
      title={title}
      actions={<Toolbar view={view} options={options} data={data} hasCountries={query.breakdown === "country"} series={result.series} onChange={setOptions} />}
    >
      <TrendChart
        data={data}
        result={result}
        options={options}
        hidden={hidden}
        breakdown={query.breakdown}
        compare={query.compare}
        total={total}
        ofInterval={ofInterval}
      />
      {view.chart === "table" ? null : (
        <>
          <Group justify="flex-end" mt="sm">
            <DownloadCsv name={title} rows={() => csvRows(data)} />
          </Group>
          <SeriesTable
            data={data}
            result={result}
            hidden={hidden}
            onToggle={toggle}
            renderTotal={total}
          />
        </>
      )}
      {result.series.map((series, index) =>
        series.ignored ? (
          <Text key={index} size="sm" mt="xs">
            {t.insights.ignoredValues(data.lines[index]?.label ?? series.label, series.ignored)}
          </Text>
        ) : null,
      )}
    </Panel>
  );
}

/** Whether no event of the range, nor of the dates that it is compared with, is counted. */
function isEmpty({ series, previous }: TrendsResult): boolean {
  return [...series, ...(previous ?? [])].every(({ total, values, ignored }) => !total && !ignored && values.every((value) => !value));
}

interface TrendChartProps {
  data: ReturnType<typeof trendLines>;
  result: TrendsResult;
  options: ReturnType<typeof useView>[0];
  hidden: ReadonlySet<string>;
  breakdown: string;
  compare: Compare;
  /** The total of a series, as a door to the users behind it. */
  total: (index: number, text: ReactNode) => ReactNode;
  /** The same of one interval of a line. */
  ofInterval: (line: number, interval: number, text: string) => ReactNode;
}

function TrendChart({ data, result, options, hidden, breakdown, compare, total: door, ofInterval }: TrendChartProps) {
  const view = trendView(options, result.series, data);
  const { chart, isLog, isCumulative, isShare } = view;
  const shown = useMemo(
    () => applyView(data, { chart, isLog, isCumulative, isShare }, hidden),
    [data, chart, isLog, isCumulative, isShare, hidden],
  );
  const drawn = useMemo(
    () => (chart === "bars" || chart === "map" || chart === "number" || chart === "table" ? undefined : { shape: chart, isLog, isShare }),
    [chart, isLog, isShare],
  );
  if (chart === "bars") return <TotalBars data={data} result={result} hidden={hidden} door={door} />;
  if (chart === "map") return <TotalMap data={data} result={result} hidden={hidden} breakdown={breakdown} />;
  if (chart === "number") return <TotalNumbers data={data} result={result} hidden={hidden} compare={compare} door={door} />;
  if (chart === "table") return <TimeSeriesTable data={data} caption={t.insights.byInterval(result.interval, result.timezone)} figure={ofInterval} />;
  const summary = result.series
    .map(({ total }, index) => `${data.lines[index]?.label ?? ""} ${total === null ? t.common.none : exactNumber(total)}`)
    .join(", ");
  return <TimeSeriesChart data={shown} hidden={hidden} {...(drawn ? { view: drawn } : {})} label={t.insights.overTime(summary)} />;
}

/** A row for each interval, a column for each line. */
function csvRows({ starts, lines }: ReturnType<typeof trendLines>): (string | number | null)[][] {
  return [
    [t.insights.start, ...lines.map(({ label }) => label)],
    ...starts.map((start, index) => [start, ...lines.map(({ values }) => values[index] ?? null)]),
  ];
}
