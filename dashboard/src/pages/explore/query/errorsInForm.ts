import type { InsightQuery } from "./insightQuery";

/**
 * Rename the fields of a refused query as the builder numbers its rows.
 *
 * A funnel is sent without steps whose event is not chosen yet, so the server's "steps.1" may be the third row.
 */
export function errorsInForm(query: InsightQuery, errors: Record<string, string[]>): Record<string, string[]> {
  if (query.kind !== "funnel") return errors;
  const sent = query.steps.flatMap(({ event }, index) => (event === "" ? [] : [index]));
  const renamed = (field: string) => field.replace(/^steps\.(\d+)/, (_, index: string) => `steps.${sent[Number(index)] ?? index}`);
  return Object.fromEntries(Object.entries(errors).map(([field, messages]) => [renamed(field), messages]));
}
