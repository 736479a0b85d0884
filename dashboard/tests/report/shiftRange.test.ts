import { expect, test } from "vitest";
import { shiftRange } from "../../src/report/shiftRange";

const TODAY = "2026-11-26";

test.each([
  [{ period: "today" }, -1, { from: "2026-11-25", to: "2026-11-25" }],
  [{ period: "7d" }, -1, { from: "2026-11-13", to: "2026-11-19" }],
  [{ period: "12mo" }, -1, { from: "2024-12-05", to: "2025-11-30" }],
  [{ from: "2026-02-27", to: "2026-03-01" }, 1, { from: "2026-03-02", to: "2026-03-04" }],
  [{ from: "2026-11-24", to: "2026-11-25" }, 1, null],
  [{ period: "7d" }, 1, null],
] as const)("%j shifted by %i is %j", (range, direction, expected) => {
  expect(shiftRange(range, direction, TODAY)).toEqual(expected);
});
