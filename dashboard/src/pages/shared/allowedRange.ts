import type { SharedDashboard } from "../../api/insights/dashboards";
import { DAY_MS, dayIn } from "../../format/time";
import { PERIODS, type ReportRange } from "../../report/reportState";

const DAYS: Partial<Record<string, number>> = { today: 1, "24h": 2, "7d": 7, "30d": 30, "90d": 90, "12mo": 366 };

/** The dates that a public link shows when others are asked for: its only period, or no day before its first one. */
export function allowedRange(wanted: ReportRange, { share, timezone }: SharedDashboard, now = Date.now()): ReportRange {
  const only = PERIODS.find((period) => period === share.period);
  if (only) return { period: only };
  const { earliest } = share;
  if (earliest === null) return wanted;
  const today = dayIn(timezone, new Date(now));
  const first =
    "period" in wanted ? dayIn(timezone, new Date(now - ((DAYS[wanted.period] ?? 1) - 1) * DAY_MS)) : wanted.from;
  if (first >= earliest) return wanted;
  const last = "period" in wanted ? today : wanted.to;
  return { from: earliest, to: last < earliest ? earliest : last };
}
