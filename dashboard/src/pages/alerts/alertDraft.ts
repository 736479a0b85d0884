import { canBeWatched, WATCH_OF_KIND, type Alert, type AlertDefinition, type AlertFields, type Condition, type Watch } from "../../api/alerts";
import type { SavedInsight } from "../../api/client";
import type { Unit } from "../../format/units";
import { percentOf, shareOf } from "../../components/NumberField";

/** What the project itself can be watched by. */
export type ProjectWatch = "silence" | "lag" | "errors";
export const PROJECT_WATCHES: readonly ProjectWatch[] = ["silence", "lag", "errors"];

/** What somebody has entered of an alert. The threshold is as shown: a share in percent. */
export interface AlertDraft extends Omit<AlertFields, "condition"> {
  condition: Omit<Condition, "threshold"> & { threshold: number | null };
}

/** Windows that can be chosen, in minutes. */
export const WINDOWS = [5, 15, 30, 60, 120, 360, 1_440, 10_080] as const;
export const EVERY_MINUTES = { minute5: 5, minute15: 15, hour: 60, day: 1_440, week: 10_080 } as const;

/** The draft of a new alert on an insight, or on the project. */
export function newDraft(insight: SavedInsight | undefined, watch: ProjectWatch = "silence"): AlertDraft {
  return {
    name: insight?.name ?? "",
    insight_id: insight?.id ?? null,
    watch: insight && canBeWatched(insight.kind) ? watchOf(insight) : { kind: watch, index: 0, value: null, any_row: false, measure: "total" },
    condition: {
      kind: "absolute",
      direction: insight || watch !== "silence" ? "above" : "below",
      threshold: insight ? null : { silence: 1, lag: 60, errors: 5 }[watch],
      baseline: "previous",
      weeks: 4,
    },
    every: insight?.kind === "funnel" || insight?.kind === "retention" ? "day" : "hour",
    window_minutes: insight?.kind === "funnel" || insight?.kind === "retention" ? 1_440 : 60,
    evaluations: 1,
    min_sample: 0,
    quiet_hours: null,
    channel_ids: [],
  };
}

/** The watch that is chosen first of an insight. */
export function watchOf(insight: SavedInsight): Watch {
  const kind = canBeWatched(insight.kind) ? WATCH_OF_KIND[insight.kind] : "series";
  return {
    kind,
    index: kind === "step" ? Math.max(1, listOf(insight, "steps").length - 1) : kind === "cell" ? 1 : 0,
    value: null,
    any_row: hasRows(insight),
    measure: kind === "step" ? "conversion" : kind === "row" ? "events" : "total",
  };
}

/** The series or steps of an insight. */
export function listOf(insight: SavedInsight, field: "series" | "steps"): { event?: string | null; label?: string }[] {
  const found: unknown = (insight.query as Record<string, unknown>)[field];
  return Array.isArray(found) ? (found as { event?: string | null; label?: string }[]) : [];
}

/** Whether an insight has rows, of which an alert may watch one or any. */
export function hasRows(insight: SavedInsight): boolean {
  return Boolean((insight.query as { breakdown?: unknown }).breakdown);
}

export function draftOf(alert: Alert): AlertDraft {
  const { name, insight_id, watch, condition, every, window_minutes, evaluations, min_sample, quiet_hours, channel_ids } = alert;
  const isShare = isShareThreshold({ watch, condition });
  const threshold = isShare ? percentOf(condition.threshold) : condition.threshold;
  return { name, insight_id, watch, condition: { ...condition, threshold }, every, window_minutes, evaluations, min_sample, quiet_hours, channel_ids };
}

/** The definition that a draft stands for; null: something is missing. */
export function definitionOf(draft: AlertDraft): AlertDefinition | null {
  const { insight_id, watch, every, window_minutes, evaluations, min_sample, quiet_hours } = draft;
  const { threshold } = draft.condition;
  if (threshold === null) return null;
  const value = isShareThreshold(draft) ? shareOf(threshold) : threshold;
  const condition = { ...draft.condition, threshold: value };
  return { insight_id, watch, condition, every, window_minutes, evaluations, min_sample, quiet_hours };
}

/** Whether the threshold is a share, which is entered in percent. */
export function isShareThreshold({ watch, condition }: { watch: Watch; condition: { kind: string } }): boolean {
  return condition.kind === "absolute" && unitOf(watch) === "share";
}

/** What the value of a watch is counted in. */
export function unitOf({ kind }: Watch): Unit {
  if (kind === "lag") return "seconds";
  return kind === "step" || kind === "cell" || kind === "errors" ? "share" : "count";
}
