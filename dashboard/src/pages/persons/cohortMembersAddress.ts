import { projectAddress } from "../../addresses";
import { DEFAULT_STATE, writeReport } from "../../report/reportState";

/** The address of the list of a cohort's members. */
export function cohortMembersAddress(projectId: number, cohortId: number): string {
  const condition = { property: "cohort", scope: "cohort", operator: "is", values: [String(cohortId)] } as const;
  const parameters = writeReport(new URLSearchParams(), { ...DEFAULT_STATE, filters: [{ ...condition, values: [...condition.values] }] });
  // The list is of all time.
  parameters.delete("period");
  return `${projectAddress(projectId, "/people")}?${parameters.toString()}`;
}
