/** No letters or digits that look like others. 32 of them: a byte falls on each equally often. */
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const LENGTH = 5;

/** A password at random, of 100 bits, in groups that can be read out: "k7fq2-…". */
export function suggestPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GROUPS * LENGTH));
  const signs = [...bytes].map((byte) => SIGNS.charAt(byte % SIGNS.length));
  return Array.from({ length: GROUPS }, (_, group) => signs.slice(group * LENGTH, (group + 1) * LENGTH).join("")).join("-");
}
