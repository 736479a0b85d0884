import type { ShareOptions } from "../../api/insights/dashboards";
import { DAY_MS } from "../../format/time";
import { PERIODS } from "../../report/reportState";
import type { t } from "../../texts";

/** What somebody chooses for a public link, as the form holds it: empty texts are no choice. */
export interface LinkOptions {
  expiry: keyof typeof t.dashboards.expiry;
  password: string;
  /** A period, or empty: readers choose. */
  period: string;
  earliest: string;
  origins: string[];
  /** Ids of segments that readers may choose. */
  segments: string[];
}

export const NO_OPTIONS: LinkOptions = { expiry: "never", password: "", period: "", earliest: "", origins: [], segments: [] };

/** The request for a public link. */
export function toRequest({ expiry, password, period, earliest, origins, segments }: LinkOptions): ShareOptions {
  return {
    expires_at: expiry === "never" ? null : new Date(Date.now() + Number(expiry) * DAY_MS).toISOString(),
    password: password === "" ? null : password,
    period: PERIODS.find((one) => one === period) ?? null,
    earliest: period !== "" || earliest === "" ? null : earliest,
    origins,
    segments: segments.map(Number),
  };
}
