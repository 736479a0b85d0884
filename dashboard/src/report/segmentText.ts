/** Segments that a report is of: users and events that pass any of them, or (`every`) all of them. */
export interface ChosenSegments {
  ids: readonly number[];
  every: boolean;
}

export const NO_SEGMENTS: ChosenSegments = { ids: [], every: true };
const MAX_ID = 2 ** 31 - 1;

/** Read the ids of an address, as in "3,5"; null: they are none. */
export function readIds(text: string): number[] | null {
  const ids = text.split(",").map((one) => (/^[1-9]\d{0,9}$/.test(one) ? Number(one) : NaN));
  return ids.every((id) => id <= MAX_ID) ? [...new Set(ids)] : null;
}

/** The conditions of the server's language that name segments. */
export function segmentConditions({ ids, every }: ChosenSegments): object[] {
  const groups = every ? ids.map((id) => [id]) : ids.length > 0 ? [ids] : [];
  return groups.map((value) => ({ scope: "segment", operator: "is", value }));
}

/** Read such conditions; null: one of them is of another shape. */
export function parseSegments(conditions: readonly object[]): ChosenSegments | null {
  const groups = conditions.map((one) => ("value" in one && Array.isArray(one.value) ? (one.value as unknown[]) : []));
  const ids = groups.flat();
  if (!ids.every((id) => typeof id === "number")) return null;
  const [first] = groups;
  if (groups.length === 1 && first && first.length > 1) return { ids, every: false };
  return groups.every((one) => one.length === 1) ? { ids, every: true } : null;
}
