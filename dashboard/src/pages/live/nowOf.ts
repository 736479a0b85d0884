import type { ReportBody } from "../../api/reports/figures";
import type { Live } from "../../api/reports/home";

/** The minutes that an answer calls now, with the filters of the page, as insights take them. */
export function nowOf(live: Live, { filters }: ReportBody): ReportBody {
  return { from: live.minutes.at(-live.online_minutes)?.start ?? live.from, to: live.to, ...(filters === undefined ? {} : { filters }) };
}
