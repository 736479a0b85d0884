import { expect, test } from "vitest";
import { changesIn } from "../../../src/pages/flags/flagChanges";
import { flagSentence } from "../../../src/pages/flags/flagSentence";
import { staleReason } from "../../../src/pages/flags/flagUse";

const ALL = { is_active: true, rollout_percentage: 100, conditions: [], overrides: {}, starts_at: null, ends_at: null, group_type: null };
const PRO = { filters: [{ property: "plan", operator: "is", value: ["pro"], scope: "person" }], rollout_percentage: null, variant: null } as const;
const pro = { ...PRO, filters: PRO.filters.map((one) => ({ ...one, value: [...one.value] })) };

const doing = (operator: "did" | "did_not", days: number) =>
  ({ ...pro, filters: [{ property: "purchase", operator, value: [days], scope: "event" as const }] });

const inCohorts = (operator: "is" | "is_not", ...value: number[]) =>
  ({ ...pro, filters: [{ property: "id", operator, value, scope: "cohort" as const }] });

test.each([
  [ALL, "All users"],
  [{ ...ALL, conditions: [inCohorts("is", 7, 8)] }, "All users whose cohort is 7, 8"],
  [{ ...ALL, conditions: [inCohorts("is_not", 7)] }, "All users whose cohort is not 7"],
  [{ ...ALL, conditions: [doing("did", 7)] }, "All users whose last 7 days include purchase"],
  [{ ...ALL, conditions: [doing("did_not", 1)] }, "All users whose current day does not include purchase"],
  [{ ...ALL, group_type: "company" }, "All groups (company)"],
  [{ ...ALL, group_type: "company", rollout_percentage: 20, overrides: { acme: true, evil: false } }, "20% of groups (company), 2 groups by key"],
  [{ ...ALL, is_active: false }, "Nobody: it is turned off"],
  [{ ...ALL, rollout_percentage: 0 }, "Nobody"],
  [{ ...ALL, rollout_percentage: 12.5, overrides: { ada: true } }, "12.5% of users, 1 user by id"],
  [{ ...ALL, conditions: [pro, pro, pro] }, "All users whose plan is pro, 2 more conditions"],
  [{ ...ALL, conditions: [{ ...pro, rollout_percentage: 5, variant: "test" }] }, "5% of users whose plan is pro get test"],
  [{ ...ALL, starts_at: "2026-11-27T10:00:00Z" }, "All users · from Nov 27, 2026, 12:00:00 GMT+2"],
])("a sentence says who gets a flag", (flag, sentence) => {
  expect(flagSentence(flag, "Europe/Helsinki")).toBe(sentence);
});

test("a difference has only the lines that differ, and the order if only that does", () => {
  const other = { filters: [], rollout_percentage: 10, variant: null };
  const definition = { rollout_percentage: 50 };
  const of = (from: unknown, to: unknown) => changesIn({ changes: { conditions: { from, to } }, definition }, "UTC")[0];
  expect(of([pro, other], [pro])).toEqual({ label: "Conditions", before: ["10% of users"], after: ["–"] });
  expect(of([pro, other], [other, pro])).toMatchObject({
    before: ["50% of users whose plan is pro", "10% of users"],
    after: ["10% of users", "50% of users whose plan is pro"],
  });
});

test("a field that the page does not know is shown by its name", () => {
  expect(changesIn({ changes: { colour: { from: null, to: { a: 1 } } }, definition: {} }, "UTC")).toEqual([{ label: "colour", before: ["–"], after: ['{"a":1}'] }]);
});

const usage = (items: { key: string; values: { value: string | null; calls: number; persons: number }[] }[], hasMore = false) => ({
  from: "2026-10-29T00:00:00Z",
  to: "2026-11-28T00:00:00Z",
  timezone: "UTC",
  took_ms: 1,
  as_of: "2026-11-27T12:00:00Z",
  source: "raw" as const,
  sealed_days: 0,
  has_more: hasMore,
  evaluated: [],
  definitions_requests: 0,
  definitions_requested_at: null,
  items: items.map((one) => ({ ...one, calls: 1, last_called_at: "2026-11-27T00:00:00Z" })),
});
const OLD = { key: "a", created_at: "2026-10-01T00:00:00Z", updated_at: "2026-10-01T00:00:00Z" };
const ON = { value: "true", calls: 1, persons: 1 };

test.each([
  ["not asked for", OLD, usage([{ key: "b", values: [ON] }]), "not asked for in 30 days"],
  ["not asked for, but young", { ...OLD, created_at: "2026-11-01T00:00:00Z" }, usage([]), null],
  ["perhaps left out of the list", OLD, usage([], true), null],
  ["one answer", OLD, usage([{ key: "a", values: [ON] }]), "On for everybody in 30 days"],
  ["one answer since it was changed", { ...OLD, updated_at: "2026-11-20T00:00:00Z" }, usage([{ key: "a", values: [ON] }]), null],
  ["two answers", OLD, usage([{ key: "a", values: [ON, { ...ON, value: "false" }] }]), null],
  ["SDKs that had no answer", OLD, usage([{ key: "a", values: [{ ...ON, value: null }] }]), null],
  ["nothing known yet", OLD, undefined, null],
])("a flag is stale or not: %s", (_, flag, found, reason) => {
  expect(staleReason(flag, found)).toBe(reason);
});
