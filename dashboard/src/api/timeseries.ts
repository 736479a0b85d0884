import type { Period } from "./client";
import { useProjectQuery } from "./useProjectQuery";

interface TimeseriesScope {
  projectId: number;
  period: Period;
  /** Fetch again every few seconds. */
  live: boolean;
}

/** Events over time. */
export function useTimeseries({ projectId, period, live }: TimeseriesScope) {
  return useProjectQuery(projectId, "timeseries", { period }, live);
}
