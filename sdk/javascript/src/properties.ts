/** What a page may attach to an event. Anything else is made into it, or left out. */
export type Properties = Record<string, unknown>;

const DEEPEST = 10;
const LONGEST_TEXT = 8_000;

/**
 * A copy that JSON can carry: dates become ISO text, big integers text, numbers that are none
 * become null; functions and symbols are left out, cycles cut.
 */
export function safeProperties(given: unknown): Properties {
  const copy = safe(given, 0, new Set());
  return typeof copy === "object" && copy !== null && !Array.isArray(copy) ? (copy as Properties) : {};
}

function safe(value: unknown, depth: number, above: Set<object>): unknown {
  switch (typeof value) {
    case "string":
      return wellFormed(value.slice(0, LONGEST_TEXT));
    case "number":
      return Number.isFinite(value) ? value : null;
    case "boolean":
      return value;
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? null : safeObject(value, depth, above);
    default:
      return undefined;
  }
}

function safeObject(value: object, depth: number, above: Set<object>): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (depth >= DEEPEST || above.has(value)) return "[…]";
  above.add(value);
  const copy = Array.isArray(value)
    ? value.map((item) => safe(item, depth + 1, above) ?? null)
    : Object.fromEntries(
        Object.entries(value)
          .map(([key, item]) => [wellFormed(key), safe(item, depth + 1, above)] as const)
          .filter(([, item]) => item !== undefined),
      );
  above.delete(value);
  return copy;
}

/** Half a character, as cutting text in the middle leaves it, is no Unicode; no server stores it. */
function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g, (match) =>
    match.length === 2 ? match : "\uFFFD",
  );
}
