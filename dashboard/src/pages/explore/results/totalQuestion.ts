import type { FigureQuestion } from "../../../api/reports/figures";
import type { TrendsResult, TrendsSeries } from "../../../api/insights/insights";
import type { Condition } from "../../../report/filters";
import type { TrendsQuery } from "../query/insightQuery";

/** The question for the users behind the total of a series; null: a formula has none of its own. */
export function totalQuestion(
  series: TrendsSeries | undefined,
  index: number,
  query: TrendsQuery,
  body: Record<string, unknown>,
): FigureQuestion | null {
  if (!series || query.formula !== "") return null;
  // A breakdown has the series of each value one after the other.
  const point = { series_index: index % query.series.length, ...rowOf(series) };
  return { kind: "trends", query: body, point };
}

/** The question for the users behind one interval of a line; the lines of what is compared with follow all others. */
export function intervalQuestion(
  { series, previous, interval: unit }: Pick<TrendsResult, "series" | "previous" | "interval">,
  { line, interval }: { line: number; interval: number },
  query: TrendsQuery,
  body: Record<string, unknown>,
): FigureQuestion | null {
  const isPrevious = line >= series.length;
  const index = isPrevious ? line - series.length : line;
  const of = (isPrevious ? previous : series)?.[index];
  const question = totalQuestion(of, index, query, body);
  const date = of?.dates[interval];
  if (question?.kind !== "trends" || !date) return null;
  return { kind: "trends", query: { ...question.query, interval: unit }, point: { ...question.point, date, ...(isPrevious ? { previous: true } : {}) } };
}

/** The filter that only the events of a row of a breakdown pass; undefined: no filter says that. */
export function rowCondition({ breakdown, is_other: isOther }: Pick<TrendsSeries, "breakdown" | "is_other">, property: string): Condition | undefined {
  if (property === "" || isOther === undefined || isOther) return undefined;
  if (breakdown === null) return { property, scope: "event", operator: "is_not_set", values: [] };
  return { property, scope: "event", operator: "is", values: [breakdown] };
}

/** The row of a breakdown that a series is of. */
function rowOf({ breakdown, is_other: isOther }: TrendsSeries) {
  if (isOther === undefined) return {};
  if (isOther) return { is_other: true };
  return breakdown === null ? { is_missing: true } : { value: breakdown };
}
