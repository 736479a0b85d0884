/**
 * One number below `count` out of a sequence that its start decides: a linear congruential generator with
 * the constants of Numerical Recipes. Its high bits are the random ones, so the number is taken from them.
 *
 * @param {number} chance  State of the sequence, an integer.
 * @param {number} count
 * @returns {{ index: number, chance: number }}
 */
export function pick(chance, count) {
  const following = (Math.imul(chance, 1664525) + 1013904223) >>> 0;
  return { index: Math.floor((following / 2 ** 32) * count), chance: following };
}
