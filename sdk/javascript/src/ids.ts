/**
 * Return a new UUID of version 7 (RFC 9562), or one of so many milliseconds ago: 48 bits of milliseconds since 1970, the rest random.
 * Ids that grow with time keep the server's index of seen events dense.
 */
export function newId(age = 0): string {
  // The 20 hexadecimal digits after the time; the first is the version, and the fifth begins with the variant, binary 10.
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte, index) =>
    (index ? (index === 4 ? 8 | (byte & 3) : byte & 15) : 7).toString(16),
  );
  return ((Date.now() - age).toString(16).padStart(12, "0") + digits.join("")).replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Return a clock that reads ISO 8601; within a millisecond later readings have later microseconds, so that sorting keeps their order. */
export function createClock(): () => string {
  let last = 0;
  let readings = 0;
  return () => {
    const now = Date.now();
    readings = now === last ? Math.min(readings + 1, 999) : 0;
    last = now;
    return new Date(now).toISOString().replace("Z", String(readings).padStart(3, "0") + "Z");
  };
}

/** Ids that faulty code sends for every visitor. Accepting one would merge different users into one person. */
const PLACEHOLDER_IDS = /^(0|0{8}-(0{4}-){3}0{12}|\[object object\]|anonymous|false|guest|nan|nil|none|null|true|undefined|)$/i;

/** Return the id as text, or "" when it cannot identify a single user. */
export function userIdOf(given: unknown): string {
  const id = typeof given === "string" || typeof given === "number" ? String(given).trim() : "";
  return PLACEHOLDER_IDS.test(id) ? "" : id.slice(0, 200);
}
