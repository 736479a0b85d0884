import { expect, test } from "vitest";
import type { Flag, FlagFilter } from "../../../src/api/flags/flags";
import { changesOf, distributeEvenly, draftOf, fieldsOf, newCondition, newFilter, previewedFields, problemsOf, renameVariant, type FlagDraft } from "../../../src/pages/flags/flagDraft";

const ZONE = "Europe/Helsinki";

const flag: Flag = {
  id: 3,
  project_id: 7,
  version: 4,
  key: "new-checkout",
  name: "Checkout",
  description: "",
  is_active: false,
  rollout_percentage: 12.5,
  conditions: [
    {
      filters: [
        { property: "plan", operator: "is", value: ["pro", 7, true], scope: "person" },
        { property: "seats", operator: "between", value: [5, 10], scope: "person" },
        { property: "email", operator: "is_set", value: [], scope: "person" },
        { property: "beta", operator: "is", value: [true], scope: "flag" },
        { property: "purchase", operator: "did_not", value: [90], scope: "event" },
        { property: "id", operator: "is_not", value: [7], scope: "cohort" },
      ],
      rollout_percentage: null,
      variant: "b",
    },
    { filters: [], rollout_percentage: 0, variant: null },
  ],
  variants: [
    { key: "a", name: "A", rollout_percentage: 33.3334 },
    { key: "b", name: "", rollout_percentage: 66.6666 },
  ],
  payloads: { b: { colour: "teal", sizes: [1, null] } },
  overrides: { ada: "b", "user, 2": false },
  starts_at: "2026-10-25T00:30:15.250000Z",
  ends_at: null,
  group_type: null,
  created_by: 1,
  created_at: "2026-10-01T00:00:00Z",
  updated_at: "2026-10-02T00:00:00Z",
  proposed_change: null,
};

function changed(changes: Partial<FlagDraft>): FlagDraft {
  return { ...draftOf(flag, ZONE), ...changes };
}

test("a flag that nobody has changed is the same afterwards, with the types of its values and its seconds", () => {
  const fields = fieldsOf(draftOf(flag, ZONE), flag, ZONE);
  expect(flag).toMatchObject(fields);
  expect(changesOf(fields, flag, ZONE)).toEqual({});
});

test("only fields that were changed are sent", () => {
  const fields = fieldsOf(changed({ share: 20 }), flag, ZONE);
  expect(changesOf(fields, flag, ZONE)).toEqual({ rollout_percentage: 20 });
});

test("numbers are numbers where they are compared as numbers, and a schedule is in the project's zone", () => {
  const filter = { scope: "person", property: "seats", stored: null } as const;
  const conditions = [
    {
      filters: [
        { ...filter, operator: "gte" as const, values: ["5"] },
        { ...filter, operator: "is" as const, values: ["5"] },
        { ...newFilter("cohort"), values: ["5", "12"] },
      ],
      share: null,
      variant: null,
    },
  ];
  const fields = fieldsOf(changed({ conditions, endsAt: "2026-12-01T12:00" }), flag, ZONE);
  expect(fields.conditions?.[0]?.filters?.map(({ value }) => value)).toEqual([[5], ["5"], [5, 12]]);
  expect(fields.ends_at).toBe("2026-12-01T10:00:00.000Z");
});

test("a property of a group is named with the type of the group", () => {
  const filter = { ...newFilter("group"), property: "company.seats", operator: "gte" as const, values: ["5"] };
  const draft = (property: string) => changed({ conditions: [{ filters: [{ ...filter, property }], share: null, variant: null }] });
  expect(fieldsOf(draft("company.seats"), flag, ZONE).conditions?.[0]?.filters).toEqual([{ scope: "group", property: "company.seats", operator: "gte", value: [5] }]);
  expect(problemsOf(draft("company.seats"), ZONE)).toEqual(new Set());
  expect(problemsOf(draft("seats"), ZONE)).toEqual(new Set(["conditions.0.filters.0"]));
});

test("a filter that the form does not know is kept as it is", () => {
  const other: object = { property: "7", operator: "is", value: [7], scope: "cohort" };
  const stored: Flag = { ...flag, conditions: [{ filters: [other as FlagFilter], rollout_percentage: 5, variant: null }] };
  const draft = { ...draftOf(stored, ZONE), share: 1 };
  expect(problemsOf(draft, ZONE)).toEqual(new Set());
  expect(fieldsOf(draft, stored, ZONE).conditions?.[0]?.filters).toEqual([other]);
});

test("a variant is renamed wherever the flag names it", () => {
  const fields = fieldsOf(renameVariant(draftOf(flag, ZONE), 1, "teal"), flag, ZONE);
  expect(fields.conditions?.[0]?.variant).toBe("teal");
  expect(fields.overrides).toEqual({ ada: "teal", "user, 2": false });
  expect(fields.payloads).toEqual({ teal: { colour: "teal", sizes: [1, null] } });
});

test.each([2, 3, 6, 7, 49])("equal shares of %i variants add up to 100", (count) => {
  const variants = Array.from({ length: count }, (_, index) => ({ key: `v${String(index)}`, name: "", share: 0, payload: "" }));
  const even = distributeEvenly(variants);
  expect(problemsOf(changed({ variants: even, conditions: [], overrides: {} }), ZONE)).toEqual(new Set());
  const shares = even.map(({ share }) => share ?? 0);
  expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(count / 100);
});

test.each<[string, Partial<FlagDraft>]>([
  ["key", { key: "two words" }],
  ["key", { key: "" }],
  ["rollout_percentage", { share: null }],
  ["variants", { variants: [{ key: "a", name: "", share: 99.9, payload: "" }] }],
  ["variants.0", { variants: [{ key: "", name: "", share: 100, payload: "" }] }],
  ["payloads.0", { variants: [{ key: "a", name: "", share: 100, payload: "{a: 1}" }] }],
  ["payloads", { hasVariants: false, payload: "12345678901234567890" }],
  ["overrides", { overrides: { a: ["ada"], false: ["ada"] } }],
  ["starts_at", { startsAt: "2026-13-01T00:00" }],
])("a wrong %s is named", (field, changes) => {
  expect(problemsOf(changed({ conditions: [], ...changes }), ZONE)).toEqual(new Set([field]));
});

test.each([
  { property: "", operator: "is", values: ["pro"] },
  { property: "plan", operator: "is", values: [] },
  { property: "seats", operator: "gt", values: ["many"] },
  { property: "seats", operator: "between", values: ["1"] },
  { property: "plan", operator: "contains", values: ["a", "b"] },
  { scope: "event", property: "", operator: "did", values: ["7"] },
  { scope: "event", property: "purchase", operator: "did", values: [] },
  { scope: "event", property: "purchase", operator: "did_not", values: ["0"] },
  { scope: "event", property: "purchase", operator: "did_not", values: ["91"] },
] as const)("a filter that is not complete is named: %o", (filter) => {
  const conditions = [{ filters: [{ scope: "person" as const, ...filter, values: [...filter.values], stored: null }], share: null, variant: null }];
  expect(problemsOf(changed({ conditions }), ZONE)).toEqual(new Set(["conditions.0.filters.0"]));
});

test("the preview is of the flag while it is on, and needs no key", () => {
  const fields = previewedFields(changed({ key: "" }), flag, ZONE);
  expect(fields).toMatchObject({ is_active: true, starts_at: null, ends_at: null, rollout_percentage: 12.5 });
  expect(previewedFields(changed({ share: null }), flag, ZONE)).toBeNull();
});

test("a flag for groups takes conditions that all users of a group pass alike", () => {
  const plan = { ...newFilter("group"), property: "company.plan", values: ["pro"] };
  const forGroups = changed({ groupType: "company", conditions: [{ filters: [plan, newFilter("event")], share: null, variant: null }] });
  expect([...problemsOf(forGroups, ZONE)]).toEqual(["conditions.0.filters.1"]);
  const complete = { ...forGroups, conditions: [{ filters: [plan], share: null, variant: null }] };
  expect(changesOf(fieldsOf(complete, flag, ZONE), flag, ZONE)).toMatchObject({ group_type: "company" });
  expect(newCondition("company").filters[0]?.scope).toBe("group");
  expect(newCondition(null).filters[0]?.scope).toBe("person");
});
