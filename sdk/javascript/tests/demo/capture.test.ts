import { expect, it } from "vitest";
import { check } from "../../../../demo/capture/validation.js";

it("takes a name alone, and a name with an object", () => {
  expect(check(" video_watched ", "")).toEqual({ name: "video_watched", properties: {}, nameProblem: "", propertiesProblem: "" });
  expect(check("a", '{"seconds": 42}')).toMatchObject({ properties: { seconds: 42 }, propertiesProblem: "" });
});

it.each(["", "  ", "x".repeat(101)])("refuses the name %j", (name) => {
  expect(check(name, "").nameProblem).not.toBe("");
});

it.each(["{", "[1]", "7", "null", "{'a': 1}", `{"a": "${"x".repeat(33_000)}"}`])("refuses %.20s as properties", (text) => {
  expect(check("a", text).propertiesProblem).not.toBe("");
});
