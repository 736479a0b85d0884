/** What is compared with what; the server's filter language. */
export const OPERATORS = [
  { value: "is", label: "is" },
  { value: "is_not", label: "is not" },
  { value: "contains", label: "contains" },
  { value: "not_contains", label: "does not contain" },
  { value: "regex", label: "matches (regular expression)" },
  { value: "gt", label: "is greater than" },
  { value: "gte", label: "is at least" },
  { value: "lt", label: "is less than" },
  { value: "lte", label: "is at most" },
  { value: "between", label: "is between" },
  { value: "before", label: "is before" },
  { value: "after", label: "is after" },
  { value: "is_set", label: "is set" },
  { value: "is_not_set", label: "is not set" },
] as const;

export type Operator = (typeof OPERATORS)[number]["value"];

export interface Condition {
  property: string;
  operator: Operator;
  /** As typed; how many there may be depends on the operator. */
  values: string[];
  /** Of what it is a property. */
  scope: string;
}

/** Conditions side by side, or (`foreign`) a filter that has a shape of its own and is kept as it is. */
export interface Filters {
  every: boolean;
  conditions: Condition[];
  foreign: unknown;
}

export const NO_FILTERS: Filters = { every: true, conditions: [], foreign: null };

/** Fewest and most values that an operator takes. */
export function valuesOf(operator: Operator): [fewest: number, most: number] {
  if (operator === "is_set" || operator === "is_not_set") return [0, 0];
  if (operator === "between") return [2, 2];
  return [1, operator === "is" || operator === "is_not" || operator === "contains" || operator === "not_contains" ? 200 : 1];
}

export function isWhole({ property, operator, values }: Condition): boolean {
  return property !== "" && values.length >= valuesOf(operator)[0] && !values.slice(0, valuesOf(operator)[0]).includes("");
}

/** The server's filter; undefined where there is none. */
export function toFilter({ every, conditions, foreign }: Filters, wholeOnly: boolean): unknown {
  if (foreign !== null) return foreign;
  const kept = wholeOnly ? conditions.filter(isWhole) : conditions;
  if (kept.length === 0) return undefined;
  const written = kept.map(({ property, operator, values, scope }) => ({
    property,
    operator,
    ...(scope === "event" ? {} : { scope }),
    ...(valuesOf(operator)[1] === 0 ? {} : { value: values }),
  }));
  return { [every ? "and" : "or"]: written };
}

/** What the fields of the page show of a filter. */
export function fromFilter(raw: unknown): Filters {
  if (raw === null || raw === undefined) return NO_FILTERS;
  if (typeof raw !== "object") return { ...NO_FILTERS, foreign: raw };
  const [every, parts] = group(raw);
  const conditions = parts.map(condition);
  if (conditions.some((one) => one === null)) return { ...NO_FILTERS, foreign: raw };
  return { every, conditions: conditions.filter((one) => one !== null), foreign: null };
}

function group(raw: object): [every: boolean, parts: unknown[]] {
  if (Array.isArray(raw)) return [true, raw];
  if ("and" in raw && Array.isArray(raw.and)) return [true, raw.and];
  if ("or" in raw && Array.isArray(raw.or)) return [false, raw.or];
  return [true, Object.keys(raw).length === 0 ? [] : [raw]];
}

function condition(raw: unknown): Condition | null {
  if (typeof raw !== "object" || raw === null || "and" in raw || "or" in raw) return null;
  const { property, operator = "is", value, scope = "event" } = raw as Record<string, unknown>;
  const known = OPERATORS.find((one) => one.value === operator)?.value;
  if (typeof property !== "string" || known === undefined || typeof scope !== "string") return null;
  const values: unknown[] = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
  // Numbers and booleans compare as their texts do; nothing else can be a value.
  if (values.some((one) => !["string", "number", "boolean"].includes(typeof one))) return null;
  return { property, operator: known, values: values.map(String), scope };
}
