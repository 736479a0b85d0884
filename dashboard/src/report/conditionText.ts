import { isOperator, isScope, valueCount, type Condition } from "./filters";

/**
 * Conditions as the address holds them, readable: "country:is:DE,FR", "duration:between:5,10", "plan:is_set".
 *
 * Of another scope than the event's: "@person:plan:is:pro".
 */
export function writeCondition({ property, operator, values, scope }: Condition): string {
  const parts = [escape(property), operator];
  if (values.length > 0) parts.push(values.map(escape).join(","));
  return (scope === "event" ? parts : [`@${scope}`, ...parts]).join(":");
}

/** Read a condition of an address; null: it is none. */
export function readCondition(text: string): Condition | null {
  const parts = text.split(":");
  const scope = parts[0]?.startsWith("@") ? (parts.shift() ?? "").slice(1) : "event";
  const [property = "", operator, values, ...rest] = parts;
  if (property === "" || !isOperator(operator) || !isScope(scope) || rest.length > 0) return null;
  const read = values === undefined ? [] : values.split(",").map(unescape);
  const { min, max } = valueCount(operator);
  if (read.length < min || read.length > max) return null;
  return { property: unescape(property), operator, values: read, scope };
}

const SPECIAL = /[%:,@]/g;

function escape(text: string): string {
  return text.replace(SPECIAL, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescape(text: string): string {
  return text.replace(/%(25|3A|2C|40)/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
