import type { Interval } from "../../format/time";

/** Texts of answers and of charts, and of what is shown once. */

export const showOnce = {
  copied: "I have copied it",
  copyNow: "Copy this now: it is not shown again",
  download: "Save as a file",
};

export const answers = {
  expiredTitle: "Some events are no longer there",
  span: (from: string, to: string) => `${from} to ${to}`,
  expired: (spans: readonly string[]) =>
    `This answer needs events that the project's retention has removed, so it lacks what happened then: ${spans.join("; ")}.`,
  partial: (intervals: readonly string[]) => `Only partly in the range: ${intervals.join("; ")}.`,
};

export const charts = {
  colours: "Colours",
  cursor: (name: string) => `${name} by interval`,
  expected: "Expected by its end",
  expectedValue: (value: string, low: string, high: string) => `${value} (${low} – ${high})`,
  inProgress: "In progress",
  onDate: (label: string, date: string) => `${label} · ${date}`,
  openInterval: { minute15: "Now", hour: "Now", day: "Today", week: "This week", month: "This month" } satisfies Record<Interval, string>,
  peak: (value: string) => `Peak ${value}`,
  peakOn: (value: string, day: string) => `Peak ${value} · ${day}`,
  pin: (number: number, text: string) => `${number}. ${text}`,
  soFar: (name: string) => `${name} so far`,
  summary: (label: string, values: string) => `${label}: ${values}`,
  mapNotLoaded: "The map could not be loaded.",
  times: "Times",
};
