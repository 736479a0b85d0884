import type { Role } from "./client";

/** From the least to the most. */
export const ROLES: readonly Role[] = ["viewer", "member", "admin", "owner"];

/** What each role may do, beyond what the one before it may. */
export const ROLE_DESCRIPTIONS: Record<Role, string> = {
  viewer: "sees reports and settings",
  member: "also saves insights and cohorts, and sees keys",
  admin: "also changes settings, keys and members",
  owner: "also appoints owners, and deletes the project",
};

export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** Why somebody may not do what takes a role; null: they may. */
export function missingPermission(role: Role, least: Role): string | null {
  if (isAtLeast(role, least)) return null;
  const needed = least === "owner" ? "an owner" : least === "admin" ? "an owner or admin" : "a member";
  const own = role === "admin" || role === "owner" ? `an ${role}` : `a ${role}`;
  return `This takes ${needed} of the project; you are ${own}.`;
}

/** Roles that somebody may give: only owners make owners. */
export function givableRoles(own: Role): readonly Role[] {
  return own === "owner" ? ROLES : ROLES.filter((role) => role !== "owner");
}
