import { projectAddress } from "../../addresses";

/** The address of a group's page. Types and keys may have any characters. */
export function groupAddress(projectId: number, type: string, key: string): string {
  return projectAddress(projectId, `/people/companies?${new URLSearchParams({ type, key }).toString()}`);
}

/** The condition that events name a group. */
export function groupCondition(type: string, key: string) {
  return { property: `properties.$groups.${type}`, operator: "is", value: [key] } as const;
}
