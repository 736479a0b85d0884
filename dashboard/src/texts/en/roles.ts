import type { Role } from "../../api/requests/client";

/** The roles of a project's members. */

const ROLES: Record<Role, string> = { viewer: "Viewer", analyst: "Analyst", member: "Member", admin: "Admin", owner: "Owner" };

const ROLE_DESCRIPTIONS: Record<Role, string> = {
  viewer: "Can view reports and settings",
  analyst: "Can also run SQL",
  member: "Can also save insights and cohorts, and see keys",
  admin: "Can also change settings, keys and members",
  owner: "Can also appoint owners and delete the project",
};

export const roles = {
  names: ROLES,
  descriptions: ROLE_DESCRIPTIONS,
  /** A role's description where no lesser role is described before it. */
  alone: (role: Role) => ROLE_DESCRIPTIONS[role].replace("Can also", "Can"),
  missing: (least: Role, own: Role) => {
    const allowed = { viewer: "members", analyst: "analysts and members", member: "members", admin: "owners and admins", owner: "owners" }[least];
    return `Only ${allowed} of this project can do this. Your role: ${ROLES[own].toLowerCase()}.`;
  },
};
