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

  segments: "Segments",
  segmentsOf: (count: number) => `Segments (${count})`,
  noSegments: "No segments yet. Add filters, then save them here under a name.",
  segmentsNotLoaded: "The segments could not be loaded.",
  segmentNotSaved: "The segment could not be saved.",
  allSegments: "All of them",
  anySegment: "Any of them",
  howSegmentsJoin: "Match",
  segmentName: "Name",
  saveAsSegment: "Save as segment",
  saveAsSegmentNote: "Saves the current filters under a name, for everybody in the project.",
  segment: (name: string) => `Segment: ${name}`,
  deletedSegment: (id: number) => `Segment ${id} was deleted`,
  removeSegment: (name: string) => `Remove segment: ${name}`,
  renameSegment: (name: string) => `Rename segment: ${name}`,
  deleteSegment: (name: string) => `Delete segment: ${name}`,
  segmentDeleted: (name: string) => `Segment “${name}” deleted. Saved insights and links that use it will say that it is gone.`,

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
