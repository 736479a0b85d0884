import { ROLES } from "../../constants.gen";
import { t } from "../../texts";
import type { Role } from "../requests/client";

export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** Why an account may not do what requires a role; null: it may. */
export function missingPermission(role: Role, least: Role): string | null {
  return isAtLeast(role, least) ? null : t.roles.missing(least, role);
}

/** The roles that an account may give to others: only owners appoint owners. */
export function assignableRoles(own: Role): readonly Role[] {
  return own === "owner" ? ROLES : ROLES.filter((role) => role !== "owner");
}
