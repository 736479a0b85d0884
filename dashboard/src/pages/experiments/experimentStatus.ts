import type { Experiment } from "../../api/flags/experiments";
import { DAY_MS } from "../../format/time";
import { t } from "../../texts";

export type Status = "planned" | "running" | "ended" | "shipped" | "rolled_back";

export const STATUS_COLOURS: Record<Status, string> = { planned: "gray", running: "tide", ended: "gray", shipped: "tide", rolled_back: "coral" };

/** On which day an experiment is, from 1, or was when it ended, at a moment in milliseconds since 1970. */
export function daysRun({ starts_at, ends_at, decided_at }: Experiment, now: number): number {
  const ends = [ends_at, decided_at].flatMap((one) => (one === null ? [] : [Date.parse(one)]));
  return Math.max(1, Math.ceil((Math.min(now, ...ends) - Date.parse(starts_at)) / DAY_MS));
}

/** How an experiment stands at a moment, in milliseconds since 1970. */
export function statusOf({ outcome, starts_at, ends_at }: Experiment, now: number): Status {
  if (outcome !== null) return outcome;
  if (new Date(starts_at).getTime() > now) return "planned";
  return ends_at !== null && new Date(ends_at).getTime() <= now ? "ended" : "running";
}

/** Say how an experiment stands. */
export function statusName(experiment: Experiment, now: number): string {
  const status = statusOf(experiment, now);
  return status === "shipped" ? t.experiments.status.shipped(experiment.shipped_variant ?? "") : t.experiments.status[status];
}
