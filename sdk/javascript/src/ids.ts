/**
 * Return a new UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970, the rest random.
 * Ids that grow with time keep the server's index of seen events dense.
 */
export function newId(): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
  const time = hex(Date.now(), 12);
  const random = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => hex(byte, 2)).join("");
  const variant = "89ab".charAt(random.charCodeAt(19) % 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** Return a clock that reads ISO 8601; within a millisecond later readings have later microseconds, so that sorting keeps their order. */
export function createClock(): () => string {
  let last = 0;
  let readings = 0;
  return () => {
    const now = Date.now();
    readings = now === last ? readings + 1 : 0;
    last = now;
    const text = new Date(now).toISOString();
    return readings ? text.slice(0, -1) + String(Math.min(readings, 999)).padStart(3, "0") + "Z" : text;
  };
}

/** Ids that faulty code sends for every visitor. Accepting one would merge different users into one person. */
const PLACEHOLDER_IDS = /^(0|0{8}-(0{4}-){3}0{12}|\[object object\]|anonymous|false|guest|nan|nil|none|null|true|undefined|)$/i;

/** Return the id as text, or `null` when it cannot identify a single user. */
export function userIdOf(given: unknown): string | null {
  if (typeof given !== "string" && typeof given !== "number") return null;
  const id = String(given).trim();
  return PLACEHOLDER_IDS.test(id) ? null : id.slice(0, 200);
}
