/**
 * Return a new UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970, the rest random.
 * Ids that grow with time keep the server's index of seen events dense.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let index = 5; index >= 0; index--) {
    bytes[index] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Ids that faulty code sends for every visitor. Accepting one would merge different users into one person. */
const PLACEHOLDER_IDS = /^(0|0{8}-(0{4}-){3}0{12}|\[object object\]|anonymous|false|guest|nan|nil|none|null|true|undefined|)$/i;

/** Return the id as text, or `null` when it cannot identify a single user. */
export function userIdOf(given: unknown): string | null {
  if (typeof given !== "string" && typeof given !== "number") return null;
  const id = String(given).trim();
  return PLACEHOLDER_IDS.test(id) ? null : id.slice(0, 200);
}
