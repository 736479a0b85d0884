import type { Alert, AlertDefinition, AlertFields, Condition, Watch } from "../../api/alerts/alerts";
import type { SavedInsight } from "../../api/requests/client";
import { percentOf, shareOf } from "../../components/forms/NumberField";
import { unitOf, watchOf } from "./watches";

/** What the project itself can be watched by. */
export type ProjectWatch = "silence" | "lag" | "errors";
export const PROJECT_WATCHES: readonly ProjectWatch[] = ["silence", "lag", "errors"];

/** What somebody has entered of an alert. The threshold is as shown: a share in percent. */
export interface AlertDraft extends Omit<AlertFields, "condition"> {
  condition: Omit<Condition, "threshold"> & { threshold: number | null };
}

export const EVERY_MINUTES = { minute5: 5, minute15: 15, hour: 60, day: 1_440, week: 10_080 } as const;

/** The draft of a new alert on an insight, or on the project. */
export function newDraft(insight: SavedInsight | undefined, watch: ProjectWatch = "silence"): AlertDraft {
  // All else is about persons or visits, of which an hour has few.
  const isByHour = !insight || insight.kind === "trends" || insight.kind === "breakdown";
  return {
    name: insight?.name ?? "",
    insight_id: insight?.id ?? null,
    watch: insight
      ? watchOf(insight)
      : { kind: watch, index: 0, value: null, any_row: false, measure: "total", source: null, item: null, at_least: 1 },
    condition: {
      kind: "absolute",
      direction: insight || watch !== "silence" ? "above" : "below",
      threshold: insight ? null : { silence: 1, lag: 60, errors: 5 }[watch],
      baseline: "previous",
      weeks: 4,
    },
    every: isByHour ? "hour" : "day",
    window_minutes: insight?.kind === "stickiness" ? 10_080 : isByHour ? 60 : 1_440,
    evaluations: 1,
    min_sample: 0,
    quiet_hours: null,
    channel_ids: [],
  };
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
