import type { Period } from "../../api/client";

/** The periods that the overview offers. */
export const PERIODS = ["today", "24h", "7d", "30d", "90d"] as const satisfies readonly Period[];
export type OverviewPeriod = (typeof PERIODS)[number];

/** The period in an address; 7 days if it has none that is offered. */
export function periodOf(parameters: URLSearchParams): OverviewPeriod {
  return PERIODS.find((period) => period === parameters.get("period")) ?? "7d";
}
