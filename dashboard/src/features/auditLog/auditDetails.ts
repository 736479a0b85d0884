import { LOCALE } from "../../texts/locale";
import { t } from "../../texts";

const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 8 });

/** What was done; an action that this page does not know yet by its own name. */
export function auditActionLabel(action: string): string {
  const labels: Record<string, string> = t.auditLog.actions;
  return labels[action] ?? action;
}

/** What was changed, a line for each field: `["daily quota", "none → 1,000"]`. */
export function auditDetails(details: Record<string, unknown>): [name: string, value: string][] {
  return Object.entries(details)
    .map(([name, value]): [string, string] => [name.replaceAll("_", " "), detail(value)])
    .filter(([, value]) => value !== "");
}

function detail(value: unknown): string {
  if (isChange(value)) return t.auditLog.change(valueText(value.from), valueText(value.to));
  return value === "" ? "" : valueText(value);
}

function isChange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === "object" && value !== null && "from" in value && "to" in value;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === "") return t.auditLog.none;
  if (typeof value === "boolean") return value ? t.auditLog.yes : t.auditLog.no;
  if (typeof value === "number") return numbers.format(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? t.auditLog.none : value.map(valueText).join(", ");
  const { name, id } = value as { name?: unknown; id?: unknown };
  return typeof name === "string" && typeof id === "number" ? t.auditLog.named(name, id) : JSON.stringify(value);
}
