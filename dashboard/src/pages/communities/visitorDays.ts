import type { VisitorsOf } from "../../api/reports/divisions";
import type { Period } from "../../api/requests/client";
import { DAY_MS } from "../../format/time";
import type { ReportRange } from "../../report/reportState";

const MONTHS = 12;
/** Visitors are counted by whole days: the last 24 hours are those of two. */
const DAYS: Record<Exclude<Period, "12mo">, number> = { today: 1, "24h": 2, "7d": 7, "30d": 30, "90d": 90 };
const GROWTH: Partial<Record<Period, VisitorsOf["growth"]>> = { today: "day", "7d": "week", "30d": "month" };

/** The days of a range, and the growth that is known of it; `today` is the day of now in the project's zone. */
export function visitorDays(range: ReportRange, today: string): Pick<VisitorsOf, "start" | "end" | "growth"> {
  if (!("period" in range)) return { start: range.from, end: range.to, growth: null };
  return { start: firstDay(range.period, today), end: today, growth: GROWTH[range.period] ?? null };
}

function firstDay(period: Period, today: string): string {
  const date = new Date(`${today}T12:00:00Z`);
  if (period === "12mo") date.setUTCMonth(date.getUTCMonth() - MONTHS + 1, 1);
  else date.setTime(date.getTime() - (DAYS[period] - 1) * DAY_MS);
  return date.toISOString().slice(0, 10);
}
