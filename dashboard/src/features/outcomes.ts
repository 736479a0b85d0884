import { t } from "../texts";

/** What a reason of the server means, and what to do about it; a reason that is new here is shown as it is. */
export function reasonText(reason: string): { label: string; fix: string } {
  const known: Record<string, { label: string; fix: string }> = { ...t.outcomes.refusals, ...t.outcomes.warnings };
  return known[reason] ?? t.outcomes.unknown(reason);
}
