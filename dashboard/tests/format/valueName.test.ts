import { expect, test } from "vitest";
import { isPlaceholder, valueName } from "../../src/format/valueName";

test("no two values of a breakdown have the same name", () => {
  const others = valueName(null, true);
  const missing = valueName(null);
  const literals = ["Other", "(none)", "", " ", others, missing, valueName(""), `“${others}”`, `“${missing}”`];
  const names = [others, missing, ...literals.map((value) => valueName(value))];
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter(isPlaceholder)).toEqual([others, missing, valueName("")]);
});

test("a value has its own name", () => {
  expect(["Other", "(none)", "pro"].map((value) => valueName(value))).toEqual(["Other", "(none)", "pro"]);
});
