/** Anything JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// The server takes 32 KiB of properties. A UTF-16 unit has at most 3 bytes in UTF-8, so this stays below it.
const MAX_CHARACTERS = 10_000;
const MAX_TEXT = 4_000;
const MAX_ENTRIES = 200;
const MAX_DEPTH = 8;

/**
 * Make any value safe to send: what JSON lacks is written as text (BigInt, Date, Error) or null (NaN, Infinity)
 * or left out (undefined, functions, symbols); cycles are cut; what is too long, too wide or too deep is cut off.
 * Characters that PostgreSQL cannot store (NUL, half surrogate pairs) become U+FFFD. Never throws.
 */
export function sanitise(value: unknown): Json | undefined {
  let space = MAX_CHARACTERS;
  const ancestors: unknown[] = [];

  function text(given: string): string {
    const kept = given.slice(0, Math.min(MAX_TEXT, Math.max(space, 0)));
    space -= kept.length + 3;
    // With the u flag the class matches only surrogates without their other half.
    return kept.replace(/[\0\ud800-\udfff]/gu, "\ufffd");
  }

  function container(given: object): Json {
    if (ancestors.includes(given)) return "[Circular]";
    if (ancestors.length >= MAX_DEPTH) return "[Too deep]";
    ancestors.push(given);
    const list: Json[] = [];
    const fields: Record<string, Json> = {};
    for (const key of Object.keys(given).slice(0, MAX_ENTRIES)) {
      if (space <= 0) break;
      const safe = attempt(() => any((given as Record<string, unknown>)[key]));
      if (Array.isArray(given)) list.push(safe ?? null);
      else if (safe !== undefined) fields[text(key)] = safe;
    }
    ancestors.pop();
    return Array.isArray(given) ? list : fields;
  }

  function any(given: unknown): Json | undefined {
    space -= 4;
    switch (typeof given) {
      case "string":
        return text(given);
      case "number":
        return Number.isFinite(given) ? given : null;
      case "boolean":
        return given;
      case "bigint":
        return text(String(given));
      case "object": {
        if (given === null) return null;
        if (given instanceof Error) return text(`${given.name}: ${given.message}`);
        const { toJSON } = given as { toJSON?: unknown };
        // A Date is written by its toJSON; a toJSON that answers with its own object would never end.
        const plain: unknown = typeof toJSON === "function" ? toJSON.call(given) : given;
        if (typeof plain !== "object" || plain === null) return any(plain);
        return container(plain);
      }
      default:
        return undefined;
    }
  }

  return attempt(() => any(value));
}

/** Return the function's result, or undefined when a getter or proxy of the host page throws. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
