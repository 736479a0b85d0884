import { isolated } from "../format/isolated";

/**
 * A catalogue whose sentences keep their order whatever is put into them: names come from anybody, and one
 * that is written from right to left, or that says so, would order the words after it.
 */
export function isolating<Texts>(texts: Texts): Texts {
  return wrapped(texts) as Texts;
}

function wrapped(value: unknown): unknown {
  if (typeof value === "function") return (...given: unknown[]): unknown => (value as (...given: unknown[]) => unknown)(...given.map(isolatedIn));
  if (Array.isArray(value)) return value.map(wrapped);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, wrapped(one)]));
}

/** What is put into a sentence: a text, or a list of texts. */
function isolatedIn(given: unknown): unknown {
  if (typeof given === "string") return isolated(given);
  return Array.isArray(given) ? given.map(isolatedIn) : given;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
