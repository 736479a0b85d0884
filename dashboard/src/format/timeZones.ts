/** The browser's time zone. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The IANA time zones that the browser knows, UTC first. */
export function zoneChoices(): string[] {
  return [...new Set(["UTC", browserZone(), ...Intl.supportedValuesOf("timeZone")])];
}
