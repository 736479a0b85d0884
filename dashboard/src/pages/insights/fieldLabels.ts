/** Where in a question something is wrong, in the words of its form: "filters.and.0.value" is "condition 1". */
export function fieldLabel(field: string): string {
  const [first = "", second = "", third = ""] = field.split(".");
  const number = (place: string) => Number(place) + 1;
  if (first === "filters") return /^\d+$/.test(third) ? `condition ${number(third)}` : "the conditions";
  if (first === "series") return /^\d+$/.test(second) ? `event ${number(second)}` : "the events";
  if (first === "steps") return /^\d+$/.test(second) ? `step ${number(second)}` : "the steps";
  return { from: "the first day", to: "the last day", target: "what they began with", returning: "what they came back with" }[first] ?? first.replaceAll("_", " ");
}

/** "In condition 1: Use a number." */
export function labelledMessages(fields: Record<string, string[]>): string {
  return Object.entries(fields)
    .map(([field, messages]) => `In ${fieldLabel(field)}: ${messages.join(" ")}`)
    .join(" ");
}
