import { expect, test } from "vitest";
import { fieldLabel } from "../../../../src/pages/explore/query/fieldLabels";

test.each([
  ["filters.and.0.value", "filter 1"],
  ["filters", "the filters"],
  ["series.2.property", "event 3"],
  ["steps", "the steps"],
  ["to", "the last day"],
  ["gap_minutes", "gap minutes"],
])("%s is called %s", (field, label) => {
  expect(fieldLabel(field)).toBe(label);
});
