import type { Period } from "../api/requests/client";
import { DAY_MS } from "../format/time";
import type { ReportRange } from "./reportState";

const DAYS: Record<Exclude<Period, "12mo">, number> = { today: 1, "24h": 1, "7d": 7, "30d": 30, "90d": 90 };

/**
 * The days before or after a range, as many as it has; null: they would not be over yet.
 *
 * @param today in the project's time zone.
 */
export function shiftRange(range: ReportRange, direction: -1 | 1, today: string): ReportRange | null {
  const { from, to } = "period" in range ? periodDays(range.period, today) : range;
  const length = daysBetween(from, to) + 1;
  const shifted = { from: addDays(from, direction * length), to: addDays(to, direction * length) };
  return shifted.to > today ? null : shifted;
}

/** The first and the last day of a period up to now. */
function periodDays(period: Period, today: string): { from: string; to: string } {
  if (period !== "12mo") return { from: addDays(today, 1 - DAYS[period]), to: today };
  const first = new Date(`${today.slice(0, 7)}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() - 11);
  return { from: first.toISOString().slice(0, 10), to: today };
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}
