import { attempt } from "./attempt.js";

/** Anything JSON can hold, and what `JSON.stringify` writes as null (NaN, Infinity) or leaves out (undefined). */
export type Json = string | number | boolean | null | undefined | Json[] | { [key: string]: Json };

// The server takes 32 KiB of properties. A UTF-16 unit has at most 3 bytes in UTF-8, so this stays below it.
const MAX_CHARACTERS = 10_000;
const MAX_TEXT = 4_000;
const MAX_ENTRIES = 200;
const MAX_DEPTH = 8;

/**
 * Make any value safe to send: BigInt, Date and Error are written as text, functions and symbols are left out; cycles
 * are cut; what is too long, too wide or too deep is cut off. Characters that PostgreSQL cannot store (NUL, half
 * surrogate pairs) become U+FFFD. Never throws.
 */
export function sanitise(value: unknown): Json {
  let space = MAX_CHARACTERS;
  const ancestors: unknown[] = [];

  function text(given: string): string {
    const kept = given.slice(0, Math.max(Math.min(MAX_TEXT, space), 0));
    space -= kept.length + 3;
    // With the u flag the class matches only surrogates without their other half.
    return kept.replace(/[\0\ud800-\udfff]/gu, "\ufffd");
  }

  function container(given: object): Json {
    if (ancestors.includes(given)) return "[Circular]";
    if (ancestors.length >= MAX_DEPTH) return "[Too deep]";
    ancestors.push(given);
    const isList = Array.isArray(given);
    const copy: Record<string, Json> = isList ? ([] as never) : {};
    for (const key of Object.keys(given).slice(0, MAX_ENTRIES)) {
      if (space > 0) copy[isList ? key : text(key)] = attempt(() => any((given as Record<string, unknown>)[key]));
    }
    ancestors.pop();
    return copy;
  }

  function any(given: unknown): Json {
    space -= 4;
    if (typeof given === "bigint" || given instanceof Error) return text(String(given));
    if (typeof given === "string") return text(given);
    if (typeof given === "number" || typeof given === "boolean") return given;
    if (typeof given !== "object") return undefined;
    if (!given) return null;
    const { toJSON } = given as { toJSON?: unknown };
    // A Date is written by its toJSON; a toJSON that answers with its own object would never end.
    const plain: unknown = typeof toJSON === "function" ? toJSON.call(given) : given;
    return plain && typeof plain === "object" ? container(plain) : any(plain);
  }

  return attempt(() => any(value));
}

/** Make an object safe to send; anything else becomes an empty one. */
export function fields(given: unknown): Record<string, Json> {
  const safe = sanitise(given);
  return safe && typeof safe === "object" && !Array.isArray(safe) ? safe : {};
}
