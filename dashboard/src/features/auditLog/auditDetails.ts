const ACTIONS: Record<string, string> = {
  "account.changed": "Changed an account",
  "account.deleted": "Deleted an account",
  "account.login_ended": "Logged out a device",
  "account.other_logins_ended": "Logged out everywhere else",
  "account.password_changed": "Changed the own password",
  "account.password_reset": "Set somebody's password",
  "account.recovery_codes_renewed": "Made new recovery codes",
  "account.registered": "Made an account",
  "account.second_factor_disabled": "Switched two-factor sign-in off",
  "account.second_factor_enabled": "Switched two-factor sign-in on",
  "key.created": "Made a key",
  "key.revoked": "Revoked a key",
  "key.rotated": "Replaced a key",
  "login.failed": "Failed to log in",
  "login.succeeded": "Logged in",
  "member.invitation_withdrawn": "Withdrew an invitation",
  "member.invited": "Invited somebody",
  "member.joined": "Joined",
  "member.removed": "Removed a member",
  "member.role_changed": "Changed a role",
  "project.created": "Made the project",
  "project.deleted": "Deleted the project",
  "project.restored": "Restored the project",
  "settings.changed": "Changed settings",
  "source.added": "Added a source",
  "source.changed": "Changed a source",
  "source.deleted": "Removed a source",
};

/** What was done, in words; an action that is newer than this page under its own name. */
export function auditActionLabel(action: string): string {
  return ACTIONS[action] ?? action;
}

/** What it was done to, a line each: `["daily quota", "none → 1,000"]`. */
export function detailLines(details: Record<string, unknown>): [name: string, value: string][] {
  return Object.entries(details)
    .map(([name, value]): [string, string] => [name.replaceAll("_", " "), detail(value)])
    .filter(([, value]) => value !== "");
}

function detail(value: unknown): string {
  return isChange(value) ? `${plain(value.from)} → ${plain(value.to)}` : value === "" ? "" : plain(value);
}

function isChange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === "object" && value !== null && "from" in value && "to" in value;
}

function plain(value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return new Intl.NumberFormat("en", { maximumFractionDigits: 8 }).format(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(plain).join(", ");
  const { name, id } = value as { name?: unknown; id?: unknown };
  return typeof name === "string" && typeof id === "number" ? `${name} (${id})` : JSON.stringify(value);
}
