import { expect, test } from "vitest";
import type { Comparison, ExperimentResults, MetricResult } from "../../../src/api/flags/experiments";
import { draftOf, fieldsOf, newDraft, variantsOf } from "../../../src/pages/experiments/experimentDraft";
import { judgementOf } from "../../../src/pages/experiments/judgement";
import { verdictOf } from "../../../src/pages/experiments/verdict";

function effect(low: number | null, high: number | null): Comparison["lift"] {
  const size = low === null || high === null ? null : (low + high) / 2;
  const interval = { low, high, p_value: 0.01 };
  return { size, sequence: interval, fixed_horizon: interval, chance_to_win: 0.9, loss_of_treatment: 0.1, loss_of_control: 0.2 };
}

function metric(name: string, role: MetricResult["role"], low: number | null, high: number | null, lift = effect(low, high)): MetricResult {
  const comparison = { variant: "green", difference: effect(low, high), lift, variance_saved: 0, corrected_p_value: null, timeline: [] };
  return {
    name,
    kind: "conversion",
    role,
    worse: "lower",
    variants: [
      { variant: "control", persons: 100, value: 0.1 },
      { variant: "green", persons: 100, value: 0.2 },
    ],
    comparisons: [comparison],
  };
}

function results(metrics: MetricResult[], isMismatch = false): ExperimentResults {
  return {
    from: "2026-11-01T00:00:00+00:00",
    to: "2026-11-03T00:00:00+00:00",
    timezone: "UTC",
    took_ms: 1,
    as_of: "2026-11-02T00:00:00+00:00",
    source: "raw",
    sealed_days: 0,
    dates: [],
    exposures: [
      { variant: "control", planned_share: 0.5, persons: 100, by_day: [100] },
      { variant: "green", planned_share: 0.5, persons: 110, by_day: [110] },
    ],
    excluded_persons: 0,
    sample_ratio: { p_value: isMismatch ? 0.0001 : 1, is_mismatch: isMismatch },
    metrics,
  };
}

test("an interval above 0 is a rise, one below 0 a fall", () => {
  expect(verdictOf(results([metric("Buys", "primary", 0.1, 0.3)]), 500)).toEqual({
    tone: "found",
    sentences: ["“green” raises “Buys” by 20%; the true effect lies between +10% and +30%."],
    winner: "green",
  });
  const fall = metric("Buys", "primary", -0.3, -0.1);
  expect(verdictOf(results([fall]), 500)).toMatchObject({
    sentences: ["“green” lowers “Buys” by 20%; the true effect lies between −30% and −10%."],
    winner: null,
  });
  expect(verdictOf(results([{ ...fall, worse: "higher" }]), 500).winner).toBe("green");
});

test("an interval around 0 shows no difference, and says how far the experiment is", () => {
  const { tone, sentences, winner } = verdictOf(results([metric("Buys", "primary", -0.1, 0.3)]), 500);
  expect([tone, winner]).toEqual(["open", null]);
  expect(sentences).toEqual([
    "No difference shown between “green” and the control in “Buys”: the true effect lies between −10% and +30%.",
    "210 of 500 planned users.",
  ]);
});

test("without a value of the control the difference is named", () => {
  const found = verdictOf(results([metric("Buys", "primary", 0.1, 0.3, effect(null, null))]), 500);
  expect(found.sentences).toEqual(["“green” raises “Buys” by 20%; the true effect lies between +10% and +30%."]);
});

test("a mismatch forbids a verdict, and few users allow none", () => {
  const rise = metric("Buys", "primary", 0.1, 0.3);
  expect(verdictOf(results([rise], true), 500)).toMatchObject({ tone: "warning", winner: null });
  expect(verdictOf(results([rise], true), 500).sentences).toHaveLength(1);
  expect(verdictOf(results([metric("Buys", "primary", null, null)]), 500).sentences).toEqual(["Too few users so far to say anything."]);
});

test("the primary metric decides wherever it stands, and a guardrail that got lower warns", () => {
  const found = verdictOf(results([metric("Visits", "guardrail", -0.3, -0.1), metric("Buys", "primary", 0.1, 0.3)]), 500);
  expect(found).toMatchObject({ tone: "warning", winner: null });
  expect(found.sentences[0]).toContain("raises “Buys”");
  expect(found.sentences[1]).toBe("Guardrail “Visits” has got lower with “green”: between −30% and −10%.");
});

test("of a guardrail whose higher values are worse a rise warns, and a fall does not", () => {
  const buys = metric("Buys", "primary", 0.1, 0.3);
  const errors = (low: number, high: number): MetricResult => ({ ...metric("Errors", "guardrail", low, high), worse: "higher" });
  const found = verdictOf(results([buys, errors(0.1, 0.3)]), 500);
  expect(found.tone).toBe("warning");
  expect(found.sentences[1]).toBe("Guardrail “Errors” has got higher with “green”: between +10% and +30%.");
  expect(verdictOf(results([buys, errors(-0.3, -0.1)]), 500).tone).toBe("found");
});

test("a metric is better or worse once its interval excludes 0, by the direction that the metric has", () => {
  const judged = (one: MetricResult, method: "sequence" | "fixed" | "bayes" = "sequence", p: number | null = null, chance = 0.5) =>
    one.comparisons.map((comparison) =>
      judgementOf(one, { ...comparison, corrected_p_value: p, lift: { ...comparison.lift, chance_to_win: chance } }, method),
    );
  const [rise, fall] = [metric("Buys", "primary", 0.1, 0.3), metric("Buys", "primary", -0.3, -0.1)];
  expect([judged(rise), judged(fall), judged(metric("Buys", "primary", -0.1, 0.3))]).toEqual([["better"], ["worse"], ["open"]]);
  expect([judged({ ...rise, worse: "higher" }), judged({ ...fall, worse: "higher" })]).toEqual([["worse"], ["better"]]);
  // Many looks at many secondary metrics: the corrected p-value has to agree.
  const secondary = metric("Shares", "secondary", 0.1, 0.3);
  expect([judged(secondary, "sequence", 0.2), judged(secondary, "sequence", 0.01), judged(secondary, "fixed", 0.2)]).toEqual([["open"], ["better"], ["better"]]);
  expect([0.96, 0.04, 0.9].map((chance) => judged(rise, "bayes", null, chance))).toEqual([["better"], ["worse"], ["open"]]);
});

test("a flag gives the variants: its own, or off and on", () => {
  expect(variantsOf({ rollout_percentage: 100, variants: [{ key: "a", rollout_percentage: 30 }, { key: "b", rollout_percentage: 70 }] })).toEqual([
    { key: "a", share: 0.3 },
    { key: "b", share: 0.7 },
  ]);
  expect(variantsOf({ rollout_percentage: 10, variants: [] })).toEqual([
    { key: "false", share: 0.9 },
    { key: "true", share: 0.1 },
  ]);
  expect(variantsOf({ rollout_percentage: 100, variants: [] })).toEqual([
    { key: "false", share: 0.5 },
    { key: "true", share: 0.5 },
  ]);
});

test("what the form does not show of a metric survives an edit", () => {
  const filters = { and: [{ property: "country", value: ["DE"] }] };
  const denominator = { event: "order", filters, value_property: "amount" };
  const empty = { value_property: null, cap: null, from_day: null, to_day: null };
  const saved = {
    id: 1, name: "Button", flag_key: "button", variants: [{ key: "a", share: 0.5 }, { key: "b", share: 0.5 }],
    metrics: [{ name: "Ratio", kind: "ratio" as const, role: "primary" as const, worse: "higher" as const, event: "paid", filters, ...empty, denominator }],
    starts_at: "2026-11-01T00:00:00+00:00", ends_at: null, planned_sample: 900, decision: "", outcome: null, shipped_variant: null,
    decided_at: null, created_by: 1, created_at: "2026-11-01T00:00:00+00:00", updated_at: "2026-11-01T00:00:00+00:00",
  };
  expect(fieldsOf(draftOf(saved), saved.starts_at, 900)?.metrics).toEqual([
    { name: "Ratio", kind: "ratio", role: "primary", worse: "higher", event: "paid", filters, ...empty, denominator },
  ]);
  expect(fieldsOf(newDraft(), saved.starts_at, 900)).toBeNull();
});
