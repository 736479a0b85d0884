import type { FigureQuestion } from "../../api/reports/figures";
import type { KeyMetric, KeyMetrics } from "../../api/reports/home";
import { Door } from "../../components/figures/Door";
import { DataTable } from "../../components/tables/DataTable";
import { inInterval } from "../../features/figures/questions";
import type { Metric } from "../../features/metrics";
import { intervalName } from "../../format/time";
import { exactValue } from "../../format/units";
import { t } from "../../texts";
import { pointsOf, previousPoints } from "./figures";

interface FigureTableProps {
  answer: KeyMetrics;
  metric: KeyMetric;
  texts: Metric;
  /** null: nothing leads to its users. */
  question: FigureQuestion | null;
  /** When the answer was received, in milliseconds since 1970. */
  receivedAt: number;
}

/** A figure by interval, latest first. */
export default function FigureTable({ answer, metric, texts: { name, unit }, question, receivedAt }: FigureTableProps) {
  const before = previousPoints(metric, answer);
  const exact = (value: number | null | undefined) => (value === null || value === undefined ? t.common.none : exactValue(value, unit));
  const rows = pointsOf(metric, answer, receivedAt)
    .map(({ start, value }, index) => ({ start, value, previous: before[index]?.value }))
    .filter(({ value }) => value !== null)
    .map(({ start, value, previous }) => ({
      key: start,
      cells: [
        intervalName(start, answer.interval, answer.timezone),
        <Door key="value" figure={t.home.figureOf(name, intervalName(start, answer.interval, answer.timezone))} question={value ? inInterval(question, start, answer.interval) : null}>
          {exact(value)}
        </Door>,
        ...(answer.previous_dates ? [exact(previous)] : []),
      ],
    }));
  return (
    <DataTable
      caption={t.home.byInterval(name, answer.timezone)}
      columns={[t.insights.start, name, ...(answer.previous_dates ? [t.home.before] : [])]}
      rows={rows.reverse()}
    />
  );
}
