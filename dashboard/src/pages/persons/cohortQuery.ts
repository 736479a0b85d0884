import type { CohortQuery } from "../../api/cohorts";
import { t } from "../../texts";

/** The periods that the form offers, as the API names them. */
export const COHORT_PERIODS = ["24h", "7d", "30d", "90d", "12mo"] as const;
export type CohortPeriod = (typeof COHORT_PERIODS)[number];

/** Say in words who a cohort's members are. */
export function cohortRule({ event, at_least: times = 1, period, from, filters }: CohortQuery): string {
  const texts = t.people.cohorts;
  const known = COHORT_PERIODS.find((one) => one === (period ?? "7d"));
  const range = from || !known ? texts.customPeriod : texts.periods[known];
  const rule = texts.rule(event ?? texts.anyEvent, times, range);
  return filters && JSON.stringify(filters) !== "{}" ? `${rule}, ${texts.filtered}` : rule;
}
