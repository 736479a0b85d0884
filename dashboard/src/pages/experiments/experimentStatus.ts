import type { Experiment } from "../../api/experiments";
import { t } from "../../texts";

export type Status = "planned" | "running" | "ended" | "shipped" | "rolled_back";

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
