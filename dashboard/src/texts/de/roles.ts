import type { Role } from "../../api/requests/client";
import type { roles as english } from "../en/roles";

/** The roles of a project's members. */

const ROLES: Record<Role, string> = { viewer: "Leser", analyst: "Analyst", member: "Mitglied", admin: "Admin", owner: "Inhaber" };

const ROLE_DESCRIPTIONS: Record<Role, string> = {
  viewer: "Darf Berichte und Einstellungen ansehen",
  analyst: "Darf außerdem SQL ausführen",
  member: "Darf außerdem Analysen und Kohorten speichern und Schlüssel sehen",
  admin: "Darf außerdem Einstellungen, Schlüssel und Mitglieder ändern",
  owner: "Darf außerdem Inhaber ernennen und das Projekt löschen",
};

export const roles: typeof english = {
  names: ROLES,
  descriptions: ROLE_DESCRIPTIONS,
  /** A role's description where no lesser role is described before it. */
  alone: (role: Role) => ROLE_DESCRIPTIONS[role].replace("Darf außerdem", "Darf"),
  missing: (least: Role, own: Role) => {
    const allowed = { viewer: "Mitglieder", analyst: "Analysten und Mitglieder", member: "Mitglieder", admin: "Inhaber und Admins", owner: "Inhaber" }[least];
    return `Das dürfen nur ${allowed} dieses Projekts. Ihre Rolle: ${ROLES[own]}.`;
  },
};
