/** A text, or a function that makes one. */
export type Leaf = string | ((...values: never[]) => unknown);

/** Every text of a catalogue by its key, such as "shell.links.web". A rich text is its text. */
export function leaves(texts: object, path: readonly string[] = []): Map<string, Leaf> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]: [string, unknown]): [string, Leaf][] => {
      const here = [...path, key];
      if (typeof value === "string" || typeof value === "function") return [[here.join("."), value as Leaf]];
      return typeof value === "object" && value !== null ? [...leaves(value, here)] : [];
    }),
  );
}

/** What a text fills in: the names of its gaps, or how many values its function takes. */
export function placeholdersOf(text: Leaf | undefined): string[] {
  if (typeof text === "function") return [`${text.length} values`];
  return [...(text ?? "").matchAll(/\{(\w+)\}/g)].map(([, gap]) => gap ?? "").sort();
}

/** The words of a text, each way of saying it on its own; "…" stands for what is filled in. */
export function wordings(text: Leaf): string[] {
  if (typeof text === "string") return [text];
  const source = text.toString().replaceAll(/\$\{[^{}]*(\{[^{}]*\}[^{}]*)*\}/g, "…");
  return [...source.matchAll(/"((?:[^"\\]|\\.)*)"|`([^`]*)`/g)].map(([, quoted, template]) => quoted ?? template ?? "");
}
