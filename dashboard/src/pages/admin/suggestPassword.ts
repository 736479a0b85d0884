/** Letters and digits that cannot be mistaken for each other. There are 32, so that a random byte picks each equally often. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const LENGTH = 5;

/** Return a random password of 100 bits, in groups that can be read out: "k7fq2-…". */
export function suggestPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GROUPS * LENGTH));
  const characters = [...bytes].map((byte) => ALPHABET.charAt(byte % ALPHABET.length));
  return Array.from({ length: GROUPS }, (_, group) => characters.slice(group * LENGTH, (group + 1) * LENGTH).join("")).join("-");
}
