/** Ids that every faulty page makes for everybody; none of them names a person. */
const NO_IDENTITY = new Set([
  "",
  "0",
  "[object object]",
  "anonymous",
  "false",
  "guest",
  "nan",
  "nil",
  "none",
  "null",
  "true",
  "undefined",
]);

/** Whether a value can name a person: text that a faulty page did not make out of nothing. */
export function isIdentity(value: unknown): value is string {
  return typeof value === "string" && !NO_IDENTITY.has(value.trim().toLowerCase());
}

/**
 * A UUID of version 7 (RFC 9562): its first 48 bits are the time in milliseconds, so that ids made
 * one after the other lie next to each other in the server's ledger.
 */
export function newId(now: number = Date.now()): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  for (let index = 0; index < 6; index++) {
    bytes[index] = Math.floor(now / 2 ** (8 * (5 - index))) % 256;
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
