import type { FunnelResult } from "../../../api/insights/insights";
import { DownloadCsv } from "../../../components/download/DownloadCsv";
import { ChoiceBar } from "../../../components/forms/ChoiceBar";
import { Panel } from "../../../components/page/Panel";
import { sharePercent } from "../../../format/numbers";
import { valueName } from "../../../format/valueName";
import { t } from "../../../texts";
import type { FunnelQuery } from "../query/insightQuery";
import { sentence } from "../query/sentence";
import { choiceOf, FUNNEL_CHARTS, FUNNEL_CHARTS_OF_ONE_ANSWER, useView } from "../query/view";
import { FunnelBars } from "./FunnelBars";
import { FunnelBreakdown } from "./FunnelBreakdown";
import { FunnelTimes } from "./FunnelTimes";
import { FunnelTrend } from "./FunnelTrend";
import { nobodyDid, NoResult } from "./NoResult";
import { StepsTable } from "./StepsTable";

interface FunnelProps {
  projectId: number;
  result: FunnelResult;
  query: FunnelQuery;
  /** The query as it was sent. */
  body: Record<string, unknown>;
  /** When the result was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** The users who reach each step; or how long that takes, or how it develops. */
export function Funnel({ projectId, result, query, body, receivedAt }: FunnelProps) {
  const [view, setView] = useView();
  // Readers of a public link may not ask for the funnel of each interval.
  const charts = projectId > 0 ? FUNNEL_CHARTS : FUNNEL_CHARTS_OF_ONE_ANSWER;
  const chart = choiceOf(charts, view.chart);
  const [first] = query.steps;
  if (first && !result.steps[0]?.persons) {
    return (
      <Panel title={t.insights.kinds.funnel.name}>
        <NoResult title={nobodyDid([first])} query={query} />
      </Panel>
    );
  }
  const conversion = result.steps.at(-1)?.conversion ?? 0;
  return (
    <>
      <Panel
        title={t.insights.completed(sharePercent(conversion), result.steps[0]?.persons ?? 0)}
        actions={
          <ChoiceBar
            label={t.explore.chart}
            data={charts.map((one) => ({ value: one, label: t.explore.funnelCharts[one] }))}
            value={chart}
            onChange={(chosen) => {
              setView({ chart: chosen === "steps" ? "" : chosen });
            }}
          />
        }
      >
        {chart === "steps" ? <FunnelBars steps={result.steps} query={query} body={body} /> : null}
        {chart === "time" ? <FunnelTimes times={result.times} /> : null}
        {chart === "trend" ? <FunnelTrend projectId={projectId} body={body} order={query.order} receivedAt={receivedAt} /> : null}
      </Panel>
      <Panel
        title={result.breakdown.length > 0 ? t.explore.byProperty(query.breakdown) : t.insights.stepByStep}
        actions={<DownloadCsv name={sentence(query)} rows={() => csvRows(result)} />}
      >
        {result.breakdown.length > 0 ? <FunnelBreakdown result={result} property={query.breakdown} body={body} /> : <StepsTable caption={t.insights.allUsers} steps={result.steps} body={body} />}
      </Panel>
    </>
  );
}

/** A row for each step of each value. */
function csvRows({ steps, breakdown }: FunnelResult): (string | number | null)[][] {
  const { step, users, conversion, fromPrevious, medianTime } = t.insights.funnelColumns;
  const parts = [{ name: t.insights.all, steps }, ...breakdown.map((part) => ({ name: valueName(part.value, part.is_other), steps: part.steps }))];
  return [
    [t.explore.value, step, users, conversion, fromPrevious, medianTime],
    ...parts.flatMap((part) =>
      part.steps.map((one, index) => [
        part.name,
        t.insights.numberedStep(index + 1, one.label),
        one.persons,
        one.conversion,
        index === 0 ? null : one.from_previous,
        one.median_seconds,
      ]),
    ),
  ];
}
