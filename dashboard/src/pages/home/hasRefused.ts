import type { Report } from "../../api/requests/client";

/** What becomes of received events that figures count, or would count twice. */
const COUNTED = ["stored", "duplicate"];

/** Whether an outcome of received events leaves them out of the figures. */
export function isLeftOut(outcome: string, count: number): boolean {
  return count > 0 && !COUNTED.includes(outcome);
}

/** Whether any received event of the period is in no figure. */
export function hasRefused({ outcomes }: Report<"intake">): boolean {
  return Object.entries(outcomes).some(([outcome, count]) => isLeftOut(outcome, count));
}
