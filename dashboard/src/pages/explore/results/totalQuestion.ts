import type { FigureQuestion } from "../../../api/figures";
import type { TrendsSeries } from "../../../api/insights";
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

/** The row of a breakdown that a series is of. */
function rowOf({ breakdown, is_other: isOther }: TrendsSeries) {
  if (isOther === undefined) return {};
  if (isOther) return { is_other: true };
  return breakdown === null ? { is_missing: true } : { value: breakdown };
}
