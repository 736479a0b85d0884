import { t } from "../texts";

const PLACEHOLDERS: readonly string[] = [t.values.others, t.values.missing, t.values.empty];

/**
 * Name a value of a breakdown.
 *
 * No two values have the same name: one that reads like a name of this page is put in quotation marks.
 *
 * @param value null: without the property, or all other values together.
 */
export function valueName(value: string | null, isOther = false): string {
  if (isOther) return t.values.others;
  if (value === null) return t.values.missing;
  if (value === "") return t.values.empty;
  return PLACEHOLDERS.includes(value.replace(/^“+|”+$/g, "")) ? `“${value}”` : value;
}

/** Whether the name stands for values without a name of their own; it is then in italics. */
export function isPlaceholder(name: string): boolean {
  return PLACEHOLDERS.includes(name);
}
