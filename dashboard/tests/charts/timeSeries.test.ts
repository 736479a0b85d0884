import { expect, test } from "vitest";
import { peak, splitAt } from "../../src/charts/timeSeries";

test("the peak is the highest value, and there is none without values", () => {
  expect(peak({ values: [1, 9, null, 9] })).toEqual({ value: 9, index: 1 });
  expect(peak({ values: [0, null] })).toBeNull();
});

test("the interval in progress is no fall of the line, and a previous period is complete", () => {
  const values = [5, 7, 1, null];
  expect(splitAt({ values }, 2)).toEqual({ complete: [5, 7, null, null], inProgress: [null, null, 1, null] });
  expect(splitAt({ values: [5, 7, 9, null] }, 2).inProgress).toEqual([null, 7, 9, null]);
  expect(splitAt({ values }, -1)).toEqual({ complete: values, inProgress: null });
  expect(splitAt({ values, previousOf: 0 }, 2)).toEqual({ complete: values, inProgress: null });
});
