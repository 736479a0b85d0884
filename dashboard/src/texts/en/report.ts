import type { Compare } from "../../report/reportState";

/** The bar of filters, dates and comparison above every report. */
export const report = {
  toolbar: "Filters and dates",
  filter: "Filter",
  filters: "Filters",
  addFilter: "Add filter",
  editFilter: (filter: string) => `Edit filter: ${filter}`,
  removeFilter: (filter: string) => `Remove filter: ${filter}`,
  clearFilters: "Clear filters",
  match: "Match",
  matchAll: "Match all",
  matchAny: "Match any",
  property: "Property",
  operator: "Operator",
  values: "Values",
  searchValues: "Search values…",
  apply: "Apply",
  condition: (property: string, operator: string, values: readonly string[]) =>
    `${property} ${operator}${values.length > 0 ? ` ${values.join(" or ")}` : ""}`,
  conditionBetween: (property: string, operator: string, low: string, high: string) => `${property} ${operator} ${low} and ${high}`,

  dates: "Dates",
  datesOf: (range: string) => `Dates: ${range}`,
  customRange: "Custom range",
  from: "From",
  to: "To",
  endBeforeStart: "The end date must be after the start date.",
  noDay: "Enter a date.",
  daysIn: (zone: string) => `Days in ${zone}`,

  compare: "Compare",
  comparisons: {
    none: "No comparison",
    previous_period: "Previous period",
    previous_year: "Previous year",
    weekdays: "Same weekdays",
  } satisfies Record<Compare, string>,
  comparedWith: {
    none: "Compare",
    previous_period: "vs previous period",
    previous_year: "vs previous year",
    weekdays: "vs same weekdays",
  } satisfies Record<Compare, string>,

  interval: "Interval",
  automaticInterval: "Automatic",
  unknownParameters: (names: readonly string[]) =>
    `This link has settings that Tidemark does not know (${names.join(", ")}). They are not applied.`,
};
