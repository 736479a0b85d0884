import { expect, test } from "vitest";
import { toCsv } from "../../src/format/csv";

test("texts with commas, quotes and line breaks survive, and none is a formula", () => {
  expect(toCsv([["a,b", 'say "x"', "two\nlines"], ["=1+1", -2, null]])).toBe('\uFEFF"a,b","say ""x""","two\nlines"\r\n\'=1+1,-2,\r\n');
});
