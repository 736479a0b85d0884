import type { CohortQuery } from "../../api/persons/cohorts";
import { t } from "../../texts";

/** The periods that the form offers, as the API names them. */
export const COHORT_PERIODS = ["24h", "7d", "30d", "90d", "12mo"] as const;
export type CohortPeriod = (typeof COHORT_PERIODS)[number];

/** Say in words who a cohort's members are. */
export function cohortRule({ event, at_least: times = 1, period, from, filters, flag, value = true }: CohortQuery): string {
  const texts = t.people.cohorts;
  if (flag !== undefined) return texts.flagRule(flag, typeof value === "string" ? value : value ? t.common.on : t.common.off);
  const known = COHORT_PERIODS.find((one) => one === (period ?? "7d"));
  const range = from || !known ? texts.customPeriod : texts.periods[known];
  const rule = texts.rule(event ?? texts.anyEvent, times, range);
  return filters && JSON.stringify(filters) !== "{}" ? `${rule}, ${texts.filtered}` : rule;
}
