import { COLOURS } from "./palette";

const PALETTE_SIZE = COLOURS.light.series.length;

/**
 * Choose the colour of each value, as an index into the palette.
 *
 * A value has the colour of its own hash, so that a country is of one colour on every page; if a more
 * frequent value has it already, the next free one. Beyond the palette lines are dashed.
 *
 * @param values most frequent first.
 */
export function valueSlots(values: readonly string[]): number[] {
  const taken = new Set<number>();
  return values.map((value) => {
    const own = hash(value) % PALETTE_SIZE;
    if (taken.size >= PALETTE_SIZE) return PALETTE_SIZE + own;
    const free = Array.from({ length: PALETTE_SIZE }, (_, step) => (own + step) % PALETTE_SIZE).find((slot) => !taken.has(slot)) ?? own;
    taken.add(free);
    return free;
  });
}

/** Return a number that only depends on the text (FNV-1a). */
function hash(text: string): number {
  let found = 0x811c9dc5;
  for (const character of text) found = Math.imul(found ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return found;
}
