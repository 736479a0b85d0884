import { expect, test } from "vitest";
import { meanRetention } from "../../../../src/pages/explore/results/meanRetention";

const cohorts = [
  { date: "", size: 10, returned: [10, 4, 1] },
  { date: "", size: 30, returned: [30, 0] },
  { date: "", size: 5, returned: [5] },
];

test("the mean of retention leaves out intervals in progress", () => {
  const now = Date.parse("2026-11-20T12:00:00Z");
  expect(meanRetention({ cohorts, to: "2026-11-21T00:00:00Z" }, now)).toEqual([1, 0.4, null]);
  expect(meanRetention({ cohorts, to: "2026-11-20T00:00:00Z" }, now)).toEqual([1, 0.1, 0.1]);
});
