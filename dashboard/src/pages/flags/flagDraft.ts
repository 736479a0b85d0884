import type { Flag, FlagChanges, FlagCondition, FlagFields, FlagFilter } from "../../api/flags/flags";
import { quoteLargeIntegers } from "../../api/requests/exactIntegers";
import { instantOf, localTime } from "../../format/localTime";
import { isOperator, valueCount } from "../../report/filters";

/** Operators of properties and of flags. */
export type FlagOperator = Exclude<FlagFilter["operator"], "did" | "did_not">;
/** What a flag can be compared by; the other operators of filters need a query. */
export const FLAG_OPERATORS = [
  "is", "is_not", "contains", "not_contains", "gt", "gte", "lt", "lte", "between", "is_set", "is_not_set", "before", "after",
] as const satisfies readonly FlagOperator[];
/** What a user did, or did not do, in a number of days. */
export const EVENT_OPERATORS = ["did", "did_not"] as const;
type EventOperator = (typeof EVENT_OPERATORS)[number];
export const MAX_DAYS = 90;
/** What a cohort is compared by. */
export const COHORT_OPERATORS = ["is", "is_not"] as const satisfies readonly FlagOperator[];
const EDITABLE_SCOPES = ["person", "group", "flag", "cohort"] as const;
/** The type of a group, a point, and the name of a property. */
const GROUP_PROPERTY = /^[^.]+\../;
export type FilterScope = FlagFilter["scope"];
const NUMBER_OPERATORS: readonly FlagOperator[] = ["gt", "gte", "lt", "lte", "between"];
/** Operators that take several values in filters of reports, and one in flags. */
export const ONE_VALUE: readonly FlagOperator[] = ["contains", "not_contains"];
const KEY = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,199}$/;
const NO_KEY = "new-flag";
const TOLERANCE = 0.001;

/** A filter as it is entered: its values are texts. */
export interface FilterDraft {
  scope: FlagFilter["scope"];
  property: string;
  operator: FlagFilter["operator"];
  /** Of an event: the number of days. */
  values: string[];
  /** As it is stored, whose values keep their types. */
  stored: FlagFilter | null;
}

export interface ConditionDraft {
  filters: FilterDraft[];
  /** In percent; null: that of the flag. */
  share: number | null;
  variant: string | null;
}

export interface VariantDraft {
  key: string;
  name: string;
  share: number | null;
  /** JSON, or "". */
  payload: string;
}

/** What somebody has entered of a flag. */
export interface FlagDraft {
  key: string;
  name: string;
  description: string;
  isActive: boolean;
  share: number | null;
  conditions: ConditionDraft[];
  hasVariants: boolean;
  variants: VariantDraft[];
  /** Of a flag without variants. */
  payload: string;
  /** The flag is for groups of this type, such as "company"; null: for users. */
  groupType: string | null;
  /** The distinct ids that always have a value: "true", "false" or the key of a variant. */
  overrides: Record<string, string[]>;
  /** Local times in the project's zone, or "". */
  startsAt: string;
  endsAt: string;
}

export const NEW_FILTER: FilterDraft = { scope: "person", property: "", operator: "is", values: [], stored: null };
/** A filter of a scope whose values are not chosen yet. */
export function newFilter(scope: FilterScope): FilterDraft {
  if (scope === "event") return { ...NEW_FILTER, scope, operator: "did", values: ["7"] };
  return { ...NEW_FILTER, scope, property: scope === "cohort" ? "id" : "" };
}

/** A condition as it is added; of a flag for groups it asks for a property of the group. */
export function newCondition(groupType: string | null): ConditionDraft {
  return { filters: [newFilter(scopesOf(groupType)[0])], share: null, variant: null };
}

/** What filters of a flag may compare: all users of a group have to pass them alike. */
export function scopesOf(groupType: string | null): readonly [FilterScope, ...FilterScope[]] {
  return groupType === null ? ["person", "group", "event", "flag", "cohort"] : ["group", "flag"];
}

const NEW_VARIANTS: VariantDraft[] = [
  { key: "control", name: "", share: 50, payload: "" },
  { key: "test", name: "", share: 50, payload: "" },
];

/** The draft of a flag; undefined: of a new one, which nobody has yet. */
export function draftOf(flag: Flag | undefined, zone: string): FlagDraft {
  const payload = (value: string) => (flag && value in flag.payloads ? JSON.stringify(flag.payloads[value], null, 2) : "");
  return {
    key: flag?.key ?? "",
    name: flag?.name ?? "",
    description: flag?.description ?? "",
    isActive: flag?.is_active ?? true,
    share: flag?.rollout_percentage ?? 100,
    conditions: flag?.conditions.map(conditionDraft) ?? [],
    hasVariants: (flag?.variants.length ?? 0) > 0,
    variants: flag?.variants.length ? flag.variants.map(({ key, name, rollout_percentage: share }) => ({ key, name, share, payload: payload(key) })) : NEW_VARIANTS,
    payload: payload("true"),
    groupType: flag?.group_type ?? null,
    overrides: overridesByValue(flag?.overrides ?? {}),
    startsAt: flag?.starts_at ? localTime(flag.starts_at, zone) : "",
    endsAt: flag?.ends_at ? localTime(flag.ends_at, zone) : "",
  };
}

function conditionDraft({ filters = [], rollout_percentage: share, variant }: FlagCondition): ConditionDraft {
  return { filters: filters.map(filterDraft), share, variant };
}

function filterDraft(stored: FlagFilter): FilterDraft {
  const { scope, property, operator } = stored;
  return { scope, property, operator, values: (stored.value ?? []).map(String), stored };
}

function overridesByValue(overrides: Record<string, unknown>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [id, value] of Object.entries(overrides)) (found[String(value)] ??= []).push(id);
  return found;
}

/** The values that a flag of this draft can have for a user, without "off". */
export function valuesOf({ hasVariants, variants }: Pick<FlagDraft, "hasVariants" | "variants">): string[] {
  return hasVariants ? variants.map(({ key }) => key) : ["true"];
}

/** Give a variant another key, wherever the draft names it. */
export function renameVariant(draft: FlagDraft, index: number, key: string): FlagDraft {
  const before = draft.variants[index]?.key ?? "";
  const isShared = draft.variants.some((one, other) => other !== index && one.key === before);
  const variants = draft.variants.map((one, other) => (other === index ? { ...one, key } : one));
  if (isShared || before === "") return { ...draft, variants };
  const { [before]: ids, ...others } = draft.overrides;
  return {
    ...draft,
    variants,
    conditions: draft.conditions.map((one) => (one.variant === before ? { ...one, variant: key } : one)),
    overrides: ids === undefined ? draft.overrides : { ...others, [key]: ids },
  };
}

/** Give all variants the same share; what cannot be divided evenly is in the first. */
export function distributeEvenly(variants: readonly VariantDraft[]): VariantDraft[] {
  const even = Math.floor(10_000 / variants.length) / 100;
  const first = Number((100 - even * (variants.length - 1)).toFixed(2));
  return variants.map((one, index) => ({ ...one, share: index === 0 ? first : even }));
}

/** Where a draft is not complete or wrong, by the name of the field; the server checks the rest. */
export function problemsOf(draft: FlagDraft, zone: string): Set<string> {
  const found = new Set<string>();
  const scopes = scopesOf(draft.groupType);
  if (!KEY.test(draft.key.trim())) found.add("key");
  if (draft.share === null) found.add("rollout_percentage");
  draft.conditions.forEach(({ filters }, index) => {
    filters.forEach((filter, number) => {
      if (!isFilterComplete(filter) || !scopes.includes(filter.scope)) found.add(`conditions.${index}.filters.${number}`);
    });
  });
  if (draft.hasVariants && Math.abs(totalShare(draft) - 100) > TOLERANCE) found.add("variants");
  draft.variants.forEach(({ key, payload }, index) => {
    if (!draft.hasVariants) return;
    if (!KEY.test(key)) found.add(`variants.${index}`);
    if (!isJson(payload)) found.add(`payloads.${index}`);
  });
  if (!draft.hasVariants && !isJson(draft.payload)) found.add("payloads");
  const ids = Object.values(draft.overrides).flat();
  if (new Set(ids).size < ids.length) found.add("overrides");
  for (const [name, text] of [["starts_at", draft.startsAt], ["ends_at", draft.endsAt]] as const) {
    if (text !== "" && instantOf(text, zone) === null) found.add(name);
  }
  return found;
}

/** The shares of all variants together, in percent. */
export function totalShare({ variants }: Pick<FlagDraft, "variants">): number {
  return Number(variants.reduce((sum, { share }) => sum + (share ?? 0), 0).toFixed(4));
}

export function isEventOperator(operator: FlagFilter["operator"]): operator is EventOperator {
  return operator === "did" || operator === "did_not";
}

function isFilterComplete({ scope, property, operator, values }: FilterDraft): boolean {
  if (property.trim() === "") return false;
  if (isEventOperator(operator)) return isNumberOfDays(values[0]);
  if (scope === "flag" || scope === "cohort") return values.length > 0;
  if (scope === "group" && !GROUP_PROPERTY.test(property.trim())) return false;
  if (ONE_VALUE.includes(operator) && values.length !== 1) return false;
  const { min } = valueCount(operator);
  return values.length >= min && (!NUMBER_OPERATORS.includes(operator) || values.every((text) => Number.isFinite(Number(text)) && text.trim() !== ""));
}

function isNumberOfDays(text = ""): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_DAYS;
}

/** Whether a text is a JSON value that a browser reads without rounding, or nothing. */
function isJson(text: string): boolean {
  if (text.trim() === "") return true;
  if (quoteLargeIntegers(text) !== text) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The flag that a draft without problems stands for. `stored`: the flag that is edited. */
export function fieldsOf(draft: FlagDraft, stored: Flag | undefined, zone: string): FlagFields {
  const variants = draft.hasVariants ? draft.variants : [];
  const texts = draft.hasVariants ? variants.map(({ key, payload }) => ({ key, payload })) : [{ key: "true", payload: draft.payload }];
  const payloads = texts.filter(({ payload }) => payload.trim() !== "").map(({ key, payload }): [string, unknown] => [key, JSON.parse(payload)]);
  return {
    key: draft.key.trim(),
    name: draft.name.trim(),
    description: draft.description.trim(),
    is_active: draft.isActive,
    rollout_percentage: draft.share ?? 100,
    conditions: draft.conditions.map(({ filters, share, variant }) => ({
      filters: filters.map(filterOf),
      rollout_percentage: share,
      variant: draft.hasVariants ? variant : null,
    })),
    variants: variants.map(({ key, name, share }) => ({ key, name, rollout_percentage: share ?? 0 })),
    payloads: Object.fromEntries(payloads),
    overrides: Object.fromEntries(Object.entries(draft.overrides).flatMap(([value, ids]) => ids.map((id) => [id, flagValue(value)]))),
    starts_at: instantIn(draft.startsAt, stored?.starts_at, zone),
    ends_at: instantIn(draft.endsAt, stored?.ends_at, zone),
    group_type: draft.groupType,
  };
}

/**
 * What the preview evaluates: the flag as it is while it is on; null: the draft is not complete yet.
 *
 * Without a key the users of a share are others than they will be, but as many.
 */
export function previewedFields(draft: FlagDraft, stored: Flag | undefined, zone: string): FlagFields | null {
  const key = KEY.test(draft.key.trim()) ? draft.key : NO_KEY;
  const whole = { ...draft, key, isActive: true, startsAt: "", endsAt: "" };
  return problemsOf(whole, zone).size === 0 ? fieldsOf(whole, stored, zone) : null;
}

/** The fields that are not as stored: somebody else may have changed the others meanwhile. */
export function changesOf(fields: FlagFields, stored: Flag, zone: string): FlagChanges {
  const before = fieldsOf(draftOf(stored, zone), stored, zone);
  const changed = Object.entries(fields).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof FlagFields]));
  return Object.fromEntries(changed);
}

function filterOf({ scope, property, operator, values, stored }: FilterDraft): FlagFilter {
  // What this page does not know how to edit is kept as it is.
  if (stored !== null && !isEditable(stored)) return stored;
  if (isEventOperator(operator)) return { scope, property: property.trim(), operator, value: values.slice(0, 1).map(Number) };
  const known = new Map((stored?.value ?? []).map((value) => [String(value), value]));
  const typed = (text: string) => (scope === "cohort" ? Number(text) : scope === "flag" ? flagValue(text) : NUMBER_OPERATORS.includes(operator) ? Number(text) : text);
  const value = valueCount(operator).max === 0 ? [] : values.map((text) => known.get(text) ?? typed(text));
  return { scope, property: property.trim(), operator, value };
}

/** Whether the form has fields for a filter. */
export function isEditable({ scope, operator }: Pick<FlagFilter, "scope" | "operator">): boolean {
  const scopes: readonly string[] = EDITABLE_SCOPES;
  return scope === "event" ? isEventOperator(operator) : scopes.includes(scope) && isOperator(operator);
}

function flagValue(text: string): boolean | string {
  return text === "true" ? true : text === "false" ? false : text;
}

/** The instant of a local time; one that was not changed keeps its seconds. */
function instantIn(local: string, stored: string | null | undefined, zone: string): string | null {
  if (local === "") return null;
  return stored && localTime(stored, zone) === local ? stored : instantOf(local, zone);
}
