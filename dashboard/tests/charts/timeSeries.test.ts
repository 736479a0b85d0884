import { expect, test } from "vitest";
import { peak } from "../../src/charts/timeSeries";

test("the peak is the highest value, and there is none without values", () => {
  expect(peak({ values: [1, 9, null, 9] })).toEqual({ value: 9, index: 1 });
  expect(peak({ values: [0, null] })).toBeNull();
});
