/** The best guess for a new project. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** IANA names that the browser knows, with UTC first. */
export function zoneChoices(): string[] {
  return [...new Set(["UTC", browserZone(), ...Intl.supportedValuesOf("timeZone")])];
}
