import type { Comparison, ExperimentResults, MetricResult } from "../../api/flags/experiments";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import { excludesZero } from "./judgement";
import { liftPercent, metricDifference } from "./metricFormat";

/** What an experiment says so far. */
export interface Verdict {
  tone: "found" | "open" | "warning";
  sentences: string[];
  /** The variant to ship: the best of those that are better than the control; null: none is, or a warning stands against it. */
  winner: string | null;
}

type Effect = Comparison["lift"];

/** The metric that decides: the first primary one, or the first. */
export function primaryMetric({ metrics }: Pick<ExperimentResults, "metrics">): MetricResult | undefined {
  return metrics.find(({ role }) => role === "primary") ?? metrics[0];
}

/** Say in plain words what was found, by the intervals that hold at any number of looks. */
export function verdictOf(results: ExperimentResults, plannedSample: number): Verdict {
  const texts = t.experiments.verdict;
  const metric = primaryMetric(results);
  if (results.sample_ratio.is_mismatch) return { tone: "warning", sentences: [texts.mismatch], winner: null };
  const known = metric?.comparisons.filter(({ difference: { sequence } }) => sequence.low !== null) ?? [];
  if (!metric || known.length === 0) return { tone: "open", sentences: [texts.few], winner: null };
  const found = known.filter(({ difference: { sequence } }) => excludesZero(sequence));
  const guardrails = results.metrics.filter(({ role }) => role === "guardrail").flatMap(worsened);
  return {
    tone: guardrails.length > 0 ? "warning" : found.length > 0 ? "found" : "open",
    sentences: [
      ...known.map((comparison) => effectSentence(metric, comparison)),
      ...guardrails,
      ...(found.length === known.length ? [] : [progress(results, metric, plannedSample)]),
    ],
    winner: guardrails.length > 0 ? null : bestOf(metric, found),
  };
}

function bestOf({ worse }: MetricResult, found: readonly Comparison[]): string | null {
  const gain = ({ difference: { size } }: Comparison) => (size ?? 0) * (worse === "higher" ? -1 : 1);
  const [best] = found.filter((one) => gain(one) > 0).sort((one, other) => gain(other) - gain(one));
  return best?.variant ?? null;
}

function effectSentence(metric: MetricResult, { variant, difference, lift }: Comparison): string {
  const texts = t.experiments.verdict;
  const { size, low, high } = bounds(metric, difference, lift);
  if (!excludesZero(difference.sequence)) return texts.open(variant, metric.name, low, high);
  const isHigher = (difference.size ?? 0) > 0;
  return (isHigher ? texts.raises : texts.lowers)(variant, metric.name, size.replace(/^[+−-]/, ""), low, high);
}

/** The lift and its interval; the difference where the control has nothing to be relative to. */
function bounds({ kind }: MetricResult, difference: Effect, lift: Effect) {
  const [effect, format] = lift.sequence.low === null ? [difference, (value: number | null) => metricDifference(value, kind)] : [lift, liftPercent];
  return { size: format(effect.size), low: format(effect.sequence.low), high: format(effect.sequence.high) };
}

/** How a guardrail has got worse. */
function worsened(metric: MetricResult): string[] {
  const texts = t.experiments.verdict;
  const isHigher = metric.worse === "higher";
  return metric.comparisons
    .filter(({ difference: { sequence: { low, high } } }) => (isHigher ? low !== null && low > 0 : high !== null && high < 0))
    .map(({ variant, difference, lift }) => {
      const { low, high } = bounds(metric, difference, lift);
      return (isHigher ? texts.guardrailHigher : texts.guardrail)(metric.name, variant, low, high);
    });
}

function progress({ exposures }: ExperimentResults, metric: MetricResult, plannedSample: number): string {
  const most = Math.max(...metric.comparisons.map(({ variant }) => exposures.find((one) => one.variant === variant)?.persons ?? 0));
  return t.experiments.verdict.progress(exactNumber((exposures[0]?.persons ?? 0) + most), exactNumber(plannedSample));
}
