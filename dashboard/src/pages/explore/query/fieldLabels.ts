import { t } from "../../../texts";

const FIELDS: Record<string, string | undefined> = {
  from: t.insights.fields.from,
  to: t.insights.fields.to,
  target: t.insights.fields.target,
  returning: t.insights.fields.returning,
};

/** Name a field of a query as the form does: "filters.and.0.value" is "filter 1". */
export function fieldLabel(field: string): string {
  const [first = "", second = "", third = ""] = field.split(".");
  const texts = t.insights.fields;
  const isIndex = (part: string) => /^\d+$/.test(part);
  switch (first) {
    case "filters":
      return isIndex(third) ? texts.filter(Number(third) + 1) : texts.filters;
    case "series":
      return isIndex(second) ? texts.event(Number(second) + 1) : texts.events;
    case "steps":
      return isIndex(second) ? texts.step(Number(second) + 1) : texts.steps;
    default:
      return FIELDS[first] ?? first.replaceAll("_", " ");
  }
}

/** Join the errors of fields: "In filter 1: Use a number." */
export function labelledMessages(fields: Record<string, string[]>): string {
  return Object.entries(fields)
    .map(([field, messages]) => t.insights.fieldMessage(fieldLabel(field), messages.join(" ")))
    .join(" ");
}
