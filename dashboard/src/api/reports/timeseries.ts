import type { Period } from "../requests/client";
import { useProjectQuery } from "../cache/useProjectQuery";

/** Events over time. */
export function useTimeseries(projectId: number, period: Period) {
  return useProjectQuery(projectId, "timeseries", { period });
}
