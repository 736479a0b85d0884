import { expect, test } from "vitest";
import { duration } from "../../src/format/duration";

test.each([
  [0, "0 s"],
  [4.26, "4.3 s"],
  [48, "48 s"],
  [185, "3 min 5 s"],
  [7_200, "2 h"],
  [190_000, "2 d 4 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
