import type { AlertDefinition } from "../../api/alerts/alerts";
import { exactNumber } from "../../format/numbers";
import { t } from "../../texts";
import { watchedValue } from "./watches";

/** When an alert fires, in words. */
export function conditionSentence({ watch, condition, window_minutes: minutes }: AlertDefinition): string {
  const { sentence } = t.alerts;
  const { direction, threshold, weeks } = condition;
  const condensed =
    condition.kind === "absolute"
      ? sentence.absolute[direction](watchedValue(threshold, watch))
      : condition.kind === "change"
        ? sentence.change[direction](`${exactNumber(threshold)} %`, condition.baseline === "weeks" ? sentence.weeks(weeks) : t.alerts.baselines.previous)
        : sentence.anomaly[direction](weeks);
  return sentence.inWindow(condensed, windowName(minutes));
}

/** The name of a window. */
export function windowName(minutes: number): string {
  const names: Record<number, string> = t.alerts.windows;
  return names[minutes] ?? t.alerts.minutes(minutes);
}
