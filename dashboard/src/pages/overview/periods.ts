import type { Period } from "../../api/client";

/** A period that the overview offers. */
export interface PeriodChoice {
  value: Period;
  label: string;
  /** What its figures are compared with. */
  before: string;
}

export const PERIODS: readonly PeriodChoice[] = [
  { value: "today", label: "Today", before: "yesterday until now" },
  { value: "24h", label: "24 h", before: "the 24 hours before" },
  { value: "7d", label: "7 days", before: "the 7 days before" },
  { value: "30d", label: "30 days", before: "the 30 days before" },
  { value: "90d", label: "90 days", before: "the 90 days before" },
];

const USUAL: PeriodChoice = { value: "7d", label: "7 days", before: "the 7 days before" };

/** The period an address names; the usual one when it names none that is offered. */
export function periodOf(parameters: URLSearchParams): PeriodChoice {
  return PERIODS.find(({ value }) => value === parameters.get("period")) ?? USUAL;
}
