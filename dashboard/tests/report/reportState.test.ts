import { expect, test } from "vitest";
import { NEW_CONDITION, type Condition } from "../../src/report/filters";
import { DEFAULT_STATE, readReport, reportFilter, reportParameters, writeReport, type ReportState } from "../../src/report/reportState";
import { withCondition } from "../../src/report/useReport";

const is = (property: string, ...values: string[]): Condition => ({ ...NEW_CONDITION, property, values });

test.each<[string, ReportState]>([
  ["", DEFAULT_STATE],
  ["period=7d&compare=previous_year&interval=week", { ...DEFAULT_STATE, range: { period: "7d" }, compare: "previous_year", interval: "week" }],
  ["from=2026-10-29&to=2026-11-26", { ...DEFAULT_STATE, range: { from: "2026-10-29", to: "2026-11-26" } }],
  ["f=country:is:DE,FR&f=plan:is_set&match=any", {
    ...DEFAULT_STATE,
    filters: [is("country", "DE", "FR"), { ...is("plan"), operator: "is_set" }],
    matchAll: false,
  }],
  ["f=@person:plan:is:pro", { ...DEFAULT_STATE, filters: [{ ...is("plan", "pro"), scope: "person" }] }],
  ["segment=3", { ...DEFAULT_STATE, segments: { ids: [3], every: true } }],
  ["segment=3,5&segments=any", { ...DEFAULT_STATE, segments: { ids: [3, 5], every: false } }],
])("the address %j is read, and written the same", (address, state) => {
  const parameters = new URLSearchParams(address);
  expect(readReport(parameters)).toEqual({ state, unknown: [] });
  expect(readReport(writeReport(new URLSearchParams(), state)).state).toEqual(state);
});

test.each([["a:b,c@d%e"], ["@person"], [""], ["100%25"], ["日本語 & more"]])("any value is kept in the address: %j", (value) => {
  const state = { ...DEFAULT_STATE, filters: [is(`@${value}:`, value, "x")] };
  const address = writeReport(new URLSearchParams(), state).toString();
  expect(readReport(new URLSearchParams(address)).state).toEqual(state);
});

test.each([
  ["period=bogus", ["period"]],
  ["from=2026-11-26&to=2026-10-29", ["from", "to"]],
  ["from=2026-02-30&to=2026-03-01", ["from", "to"]],
  ["compare=moon&interval=eon&match=some", ["compare", "interval", "match"]],
  ["f=country", ["f"]],
  ["f=age:between:1", ["f"]],
  ["segment=x", ["segment"]],
  ["segment=0,3&segments=some", ["segment", "segments"]],
])("what %j has that is not known is named and not applied", (address, unknown) => {
  const read = readReport(new URLSearchParams(address));
  expect([...read.unknown].sort()).toEqual([...unknown].sort());
  expect(read.state).toEqual(DEFAULT_STATE);
});

test("other parameters of the address stay where they are, and do not go along to other reports", () => {
  const address = new URLSearchParams("tables=%5B1%5D&period=7d&f=a:is:b");
  expect(writeReport(address, DEFAULT_STATE).toString()).toBe("tables=%5B1%5D&period=30d");
  expect(reportParameters(address).toString()).toBe("period=7d&f=a%3Ais%3Ab");
});

test("a second value of the same property is one more value, and a second bound is a filter of its own", () => {
  const low: Condition = { ...is("price", "5"), operator: "gt" };
  expect(withCondition([is("country", "DE")], is("country", "FR"))).toEqual([is("country", "DE", "FR")]);
  expect(withCondition([low], { ...low, values: ["6"] })).toHaveLength(2);
});

test("an unfinished filter is not sent", () => {
  expect(reportFilter({ ...DEFAULT_STATE, filters: [is("country")] })).toBeUndefined();
  expect(reportFilter({ ...DEFAULT_STATE, filters: [is("country", "DE")], matchAll: false })).toEqual({
    or: [{ property: "country", operator: "is", value: ["DE"] }],
  });
});
