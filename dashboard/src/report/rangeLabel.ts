import { daysName } from "../format/time";
import { t } from "../texts";
import type { ReportRange } from "./reportState";

/** A range in words: "Last 7 days", "Oct 29 – Nov 26, 2026". */
export function rangeLabel(range: ReportRange): string {
  return "period" in range ? t.insights.periods[range.period] : daysName(range.from, range.to);
}
