import type { Experiment, ExperimentFields, MetricFields, MetricKind, MetricRole, SampleQuestion, Worse } from "../../api/flags/experiments";
import { DAY_MS } from "../../format/time";

/** A metric as it is entered. */
export interface MetricDraft {
  /** Of the form only. */
  key: number;
  name: string;
  kind: MetricKind;
  role: MetricRole;
  /** Which values are worse. */
  worse: Worse;
  /** Empty: any event. */
  event: string;
  value: string;
  cap: number | null;
  denominator: string;
  fromDay: number | null;
  toDay: number | null;
  /** What the form does not show, as it was saved. */
  kept: Partial<MetricFields>;
}

export interface VariantDraft {
  key: string;
  /** From 0 to 1. */
  share: number | null;
}

/** What somebody has entered of an experiment. */
export interface ExperimentDraft {
  name: string;
  flag: string;
  variants: readonly VariantDraft[];
  metrics: readonly MetricDraft[];
  days: number | null;
  /** null: that of the plan. */
  plannedSample: number | null;
  smallestEffect: number | null;
  /** Chance that such an effect is found, from 0 to 1. */
  power: number | null;
}

export const DEFAULT_SAMPLE = 5_000;
const DEFAULT_POWER = 0.8;
export const MIN_POWER = 0.5;
export const MAX_POWER = 0.99;
const COUNTED = { filters: null, value_property: null };
const HALVES: readonly VariantDraft[] = [
  { key: "control", share: 0.5 },
  { key: "test", share: 0.5 },
];

export function newMetric(key: number, role: MetricRole): MetricDraft {
  return { key, name: "", kind: "conversion", role, worse: "lower", event: "", value: "", cap: null, denominator: "", fromDay: 7, toDay: 8, kept: {} };
}

export function newDraft(): ExperimentDraft {
  return { name: "", flag: "", variants: HALVES, metrics: [newMetric(0, "primary")], days: null, plannedSample: null, smallestEffect: 0.05, power: DEFAULT_POWER };
}

export function draftOf(experiment: Experiment): ExperimentDraft {
  const { name, flag_key, variants, metrics, starts_at, ends_at, planned_sample } = experiment;
  return {
    name,
    flag: flag_key,
    variants,
    metrics: metrics.map((one, key) => ({
      key,
      name: one.name,
      kind: one.kind,
      role: one.role,
      worse: one.worse,
      event: one.event ?? "",
      value: one.value_property ?? "",
      cap: one.cap,
      denominator: eventOf(one.denominator),
      fromDay: one.from_day,
      toDay: one.to_day,
      kept: { filters: one.filters, denominator: one.denominator as MetricFields["denominator"] },
    })),
    days: ends_at === null ? null : Math.round((new Date(ends_at).getTime() - new Date(starts_at).getTime()) / DAY_MS),
    plannedSample: planned_sample,
    smallestEffect: 0.05,
    power: DEFAULT_POWER,
  };
}

/** The variants of a flag with their shares; of a flag without variants: off and on. */
export function variantsOf(flag: { rollout_percentage: number; variants: readonly { key: string; rollout_percentage: number }[] }): VariantDraft[] {
  if (flag.variants.length > 0) return flag.variants.map(({ key, rollout_percentage: percent }) => ({ key, share: percent / 100 }));
  const on = flag.rollout_percentage > 0 && flag.rollout_percentage < 100 ? flag.rollout_percentage / 100 : 0.5;
  return [
    { key: "false", share: Number((1 - on).toFixed(6)) },
    { key: "true", share: on },
  ];
}

/** The metrics that a draft stands for; null: something is missing. */
export function metricsOf(draft: ExperimentDraft): MetricFields[] | null {
  const found = draft.metrics.map(metricOf);
  return found.every((one) => one !== null) ? found : null;
}

function metricOf(draft: MetricDraft): MetricFields | null {
  const { kind, role, worse, kept } = draft;
  const [name, event, value, below] = [draft.name.trim(), draft.event.trim(), draft.value.trim(), draft.denominator.trim()];
  const unused = { value_property: null, cap: null, denominator: null, from_day: null, to_day: null };
  const common = { ...unused, name, kind, role, worse, event: event || null, filters: kept.filters ?? null };
  if (name === "") return null;
  switch (kind) {
    case "sum":
      return value === "" ? null : { ...common, value_property: value };
    case "mean":
      return value === "" || draft.cap === null ? null : { ...common, value_property: value, cap: draft.cap };
    case "ratio":
      return below === "" ? null : { ...common, value_property: value || null, denominator: { ...COUNTED, ...kept.denominator, event: below } };
    case "retention":
      return draft.fromDay === null || draft.toDay === null ? null : { ...common, from_day: draft.fromDay, to_day: draft.toDay };
    default:
      return common;
  }
}

/** What to ask of the required sample; null: something is missing. */
export function sampleQuestion(draft: ExperimentDraft): SampleQuestion | null {
  const [metrics, variants] = [metricsOf(draft), sharesOf(draft)];
  const { smallestEffect, power } = draft;
  if (metrics === null || variants === null || smallestEffect === null || smallestEffect <= 0 || power === null) return null;
  if (power < MIN_POWER || power > MAX_POWER) return null;
  return { metrics, variants, smallest_effect: smallestEffect, power, traffic: 1, entry_event: null };
}

/**
 * The experiment that a draft stands for; null: something is missing.
 *
 * @param startsAt when it begins, as it is saved.
 */
export function fieldsOf(draft: ExperimentDraft, startsAt: string, plannedSample: number): Omit<ExperimentFields, "decision"> | null {
  const [metrics, variants] = [metricsOf(draft), sharesOf(draft)];
  const [name, flag] = [draft.name.trim(), draft.flag.trim()];
  if (metrics === null || variants === null || name === "" || flag === "") return null;
  const end = draft.days === null ? null : new Date(new Date(startsAt).getTime() + draft.days * DAY_MS).toISOString();
  return { name, flag_key: flag, variants, metrics, starts_at: startsAt, ends_at: end, planned_sample: plannedSample };
}

function sharesOf({ variants }: ExperimentDraft): { key: string; share: number }[] | null {
  const found = variants.flatMap(({ key, share }) => (key.trim() === "" || share === null || share <= 0 ? [] : [{ key: key.trim(), share }]));
  return found.length === variants.length ? found : null;
}

function eventOf(denominator: object | null): string {
  return denominator !== null && "event" in denominator && typeof denominator.event === "string" ? denominator.event : "";
}
