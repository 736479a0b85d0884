/** Characters that are written from right to left, and those that change the direction of what follows. */
const CHANGES_DIRECTION =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const EMBEDDINGS = /[\u202a-\u202e]/g;
const ISOLATES = /[\u2066-\u2069]/g;
const END = "\u2069";

/**
 * Take away what would let a text order the text around it (UAX 9): embeddings and overrides, and isolates
 * that do not end, or that end what began outside. An element with `unicode-bidi: isolate` does not hold these.
 */
export function harmless(text: string): string {
  const plain = text.replace(EMBEDDINGS, "");
  return isBalanced(plain) ? plain : plain.replace(ISOLATES, "");
}

/** A text as part of a sentence, in whatever direction it is written: the sentence around it keeps its order. */
export function isolated(text: string): string {
  return CHANGES_DIRECTION.test(text) ? `\u2068${harmless(text)}${END}` : text;
}

function isBalanced(text: string): boolean {
  let open = 0;
  for (const [character] of text.matchAll(ISOLATES)) {
    open += character === END ? -1 : 1;
    if (open < 0) return false;
  }
  return open === 0;
}
