import type { Period } from "./client";
import { useProjectQuery } from "./useProjectQuery";

/** Events over time. */
export function useTimeseries(projectId: number, period: Period) {
  return useProjectQuery(projectId, "timeseries", { period });
}
