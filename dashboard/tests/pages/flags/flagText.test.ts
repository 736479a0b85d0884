import { expect, test } from "vitest";
import { changesIn } from "../../../src/pages/flags/flagChanges";
import { flagSentence } from "../../../src/pages/flags/flagSentence";
import type { StaleFlags } from "../../../src/api/flags/flags";
import { flagSample, type FlagSdk } from "../../../src/pages/flags/flagSample";
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

const stale = (...items: StaleFlags["items"]): StaleFlags => ({ items, is_complete: true });
const UNUSED = { key: "a", reason: "not_asked", value: null, last_called_at: null, last_evaluated_at: null } as const;
const DECIDED = { ...UNUSED, reason: "same_answer" } as const;

test.each([
  ["not asked for", stale(UNUSED), "not asked for in 30 days"],
  ["on", stale({ ...DECIDED, value: "true" }), "On for everybody in 30 days"],
  ["off", stale({ ...DECIDED, value: "false" }), "Off for everybody in 30 days"],
  ["a variant", stale({ ...DECIDED, value: "test" }), "test for everybody in 30 days"],
  ["another flag", stale({ ...UNUSED, key: "b" }), null],
  ["not known yet", undefined, null],
])("why a flag is stale is said in words: %s", (_, found, reason) => {
  expect(staleReason("a", found)).toBe(reason);
});

const SAMPLE = { key: "new-checkout", variants: [], conditions: [] };
const TARGET = { origin: "https://stats.example.com", publicKey: "pk_shop" };

test.each<[FlagSdk, string]>([
  ["tidemark", `if (flags?.value("new-checkout") === "test") showNewCheckout();`],
  ["openfeature", `if (OpenFeature.getClient().getStringValue("new-checkout", "control") === "test") showNewCheckout();`],
  ["posthog", `if (posthog.getFeatureFlag("new-checkout") === "test") showNewCheckout();`],
])("code that asks for a flag with variants compares it with one: %s", (sdk, expected) => {
  const variants = ["control", "test"].map((key) => ({ key, name: "", rollout_percentage: 50 }));
  expect(flagSample(sdk, TARGET, { ...SAMPLE, variants })).toContain(expected);
});

test("code for Tidemark's SDK sends the properties that conditions ask for", () => {
  const refresh = `await flags?.refresh({ plan: "pro" });`;
  expect(flagSample("tidemark", TARGET, { ...SAMPLE, conditions: [pro] })).toContain(refresh);
  expect(flagSample("tidemark", TARGET, { ...SAMPLE, conditions: [doing("did", 7)] })).not.toContain(refresh);
});

test.each<FlagSdk>(["tidemark", "openfeature", "posthog"])("code that asks for a flag has address, key and flag: %s", (sdk) => {
  const sample = flagSample(sdk, { origin: "https://stats.example.com", publicKey: "pk_shop" }, { ...SAMPLE, key: "new \"checkout\"" });
  for (const part of ["https://stats.example.com", "pk_shop", JSON.stringify("new \"checkout\"")]) expect(sample).toContain(part);
});
