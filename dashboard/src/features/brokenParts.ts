import { t } from "../texts";

/** Say which parts of the server do not work, and whether figures may lack events because of that. */
export function brokenText(parts: readonly string[]): string {
  const names: Partial<Record<string, string>> = t.states.parts;
  const said = t.home.broken(parts.map((part) => names[part] ?? part));
  return parts.includes(STORES_EVENTS) ? `${said} ${t.home.mayBeBehind}` : said;
}

const STORES_EVENTS = "processor";
