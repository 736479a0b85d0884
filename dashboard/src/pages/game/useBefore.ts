import { useInsight, type AskedKind, type InsightResult } from "../../api/insights/insights";
import { useKeyMetrics, type KeyMetricsQuery } from "../../api/reports/home";
import type { Project } from "../../api/requests/client";
import { daysOf } from "../../format/time";
import { useReport } from "../../report/useReport";
import type { Before } from "./Figure";

type Metrics = ReturnType<typeof useKeyMetrics>;

/** Fetch the key metrics of the report by day, with those of the period that it is compared with: the previous one, unless another is chosen. */
export function useDailyMetrics(project: Project, metric?: KeyMetricsQuery["metric"]): Metrics {
  const { query, compare } = useReport();
  return useKeyMetrics(project.id, { ...query, interval: "day", ...(metric ? { metric } : {}), ...(compare === "none" ? {} : { compare }) });
}

/** Ask for the dates of the period that the report is compared with, and for as little as there is beside them. */
export function usePeriodBefore(project: Project): Metrics {
  return useDailyMetrics(project, ["total_events"]);
}

/**
 * Fetch an insight of the period that the report is compared with; undefined: it is on its way.
 *
 * @param metrics their answer says which period that is: it follows the calendar, and ends where now cuts the report's.
 */
export function useBefore<Kind extends AskedKind>(
  project: Project,
  kind: Kind,
  body: Record<string, unknown>,
  metrics: Metrics,
): Before<InsightResult<Kind>> | undefined {
  const { previous_from: from, previous_to: to } = (metrics.isPlaceholderData ? undefined : metrics.data?.answer) ?? {};
  const insight = useInsight(project.id, kind, from && to ? { ...body, period: undefined, from, to } : null);
  if (!from || !to || !insight.data || insight.isPlaceholderData) return undefined;
  return { result: insight.data.result, name: daysOf(from, to, project.timezone) };
}
