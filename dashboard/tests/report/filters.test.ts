import { expect, test } from "vitest";
import { parseFilter, toFilter } from "../../src/report/filters";

test.each([
  { and: [{ property: "a", operator: "between", value: ["1", "2"] }] },
  { or: [{ property: "a", operator: "is_set" }, { property: "b", operator: "is", scope: "person", value: ["x"] }] },
  { and: [{ or: [{ property: "a", value: 1 }] }] },
  { scope: "cohort", value: [3] },
  { and: [{ scope: "segment", operator: "is", value: [3] }, { scope: "segment", operator: "is", value: [5] }] },
  { and: [{ scope: "segment", operator: "is", value: [3, 5] }, { or: [{ property: "a", operator: "is_set" }] }] },
  { and: [{ scope: "segment", operator: "is", value: [3] }, { and: [{ or: [{ property: "a", value: 1 }] }] }] },
])("a filter survives being shown: %j", (filter) => {
  expect(toFilter(parseFilter(filter), false)).toEqual(filter);
});

test("conditions that are not filled in are not sent", () => {
  const filters = parseFilter({ and: [{ property: "a", operator: "is", value: [] }, { property: "b", operator: "is_set" }] });
  expect(toFilter(filters, true)).toEqual({ and: [{ property: "b", operator: "is_set" }] });
});

test("a condition on cohorts names them by numbers, as the server requires", () => {
  const filter = { and: [{ property: "cohort", operator: "is", scope: "cohort", value: [3, 12] }] };
  expect(toFilter(parseFilter(filter), true)).toEqual(filter);
});
