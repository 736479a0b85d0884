import type { Comparison, MetricResult } from "../../api/flags/experiments";
import type { t } from "../../texts";

const SURE = 0.95;

/** In which way results are read. */
export type Method = keyof typeof t.experiments.methods;
export type IntervalMethod = Exclude<Method, "bayes">;

/** What is shown of a variant's metric: better or worse than the control, or neither. */
export type Judgement = "better" | "worse" | "open";

/** The lift; the difference where the control has nothing to be relative to. */
export function effectOf({ lift, difference }: Comparison): Comparison["lift"] {
  return lift.size === null ? difference : lift;
}

/** The interval by which a comparison is read. */
export function intervalOf(comparison: Comparison, method: IntervalMethod): { low: number | null; high: number | null } {
  const effect = effectOf(comparison);
  return method === "sequence" ? effect.sequence : effect.fixed_horizon;
}

/** Judge a variant's metric as it is read. Several secondary metrics are judged by the corrected p-value, too. */
export function judgementOf(metric: MetricResult, comparison: Comparison, method: Method): Judgement {
  if (method === "bayes") return judgeChance(metric, effectOf(comparison).chance_to_win);
  const p = comparison.corrected_p_value;
  if (isCorrected(metric, method) && (p === null || p > 1 - SURE)) return "open";
  // The difference, as the p-value and the verdict do; the lift is undefined where the control has nothing.
  return judge(metric, method === "sequence" ? comparison.difference.sequence : comparison.difference.fixed_horizon);
}

/** Whether the p-value is corrected for the number of metrics. */
export function isCorrected({ role }: MetricResult, method: Method): boolean {
  return method === "sequence" && role === "secondary";
}

/** Judge an interval of a metric's difference: only one that excludes 0 shows anything. */
function judge({ worse }: Pick<MetricResult, "worse">, interval: { low: number | null; high: number | null }): Judgement {
  if (!excludesZero(interval)) return "open";
  const isHigher = (interval.low ?? 0) > 0;
  return isHigher === (worse === "lower") ? "better" : "worse";
}

/** `chance`: that the variant is higher. */
function judgeChance({ worse }: MetricResult, chance: number | null): Judgement {
  if (chance === null) return "open";
  const better = worse === "higher" ? 1 - chance : chance;
  if (better >= SURE) return "better";
  return better <= 1 - SURE ? "worse" : "open";
}

/** Whether an interval shows a difference. */
export function excludesZero({ low, high }: { low: number | null; high: number | null }): boolean {
  return low !== null && high !== null && (low > 0 || high < 0);
}
