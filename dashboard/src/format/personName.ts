import { t } from "../texts";
import { LOCALE } from "../texts/locale";

/** The properties that name a person or a group, the best first. */
const NAMES = ["name", "$name", "full_name", "display_name", "username", "email", "$email"];
const GENERATED = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$|^[$~]/i;

const segments = new Intl.Segmenter(LOCALE);

interface Named {
  person_id: number;
  distinct_ids: readonly string[];
  properties: Record<string, unknown>;
}

/** Name a person: by a property, else by an id that a person chose, else by any id. */
export function personName({ person_id: id, distinct_ids: ids, properties }: Named): string {
  return namedBy(properties) ?? ids.find((one) => !GENERATED.test(one)) ?? ids[0] ?? t.persons.unnamed(id);
}

/** Name a group, such as a company: by a property, else by its key. */
export function groupName({ group_key: key, properties }: { group_key: string; properties: Record<string, unknown> }): string {
  return namedBy(properties) ?? key;
}

function namedBy(properties: Record<string, unknown>): string | null {
  for (const property of NAMES) {
    const value = properties[property];
    if (typeof value === "string" && value.trim()) return value.trim();
  }
  return null;
}

/** The first letters of a name, at most two. */
export function initials(name: string): string {
  const words = name.replace(/@.*$/, "").split(/[\s._\-+]+/).filter(Boolean);
  const letters = (words.length > 1 ? [words[0], words.at(-1)] : [words[0]]).map((word) => firstLetter(word ?? ""));
  return letters.join("").toUpperCase() || "?";
}

/** The first letter as people see it: an emoji of several characters is one. */
function firstLetter(word: string): string {
  return segments.segment(word).containing(0)?.segment ?? "";
}
