import type { RetentionAnswer } from "../../../api/insights";

/**
 * What part of all persons came back after 0, 1, 2 … intervals, each person counting once; null
 * where no cohort has been there for so long. Intervals that are not over are left out: they would
 * make the newest cohorts look worse than they are.
 *
 * @param at now, in milliseconds since 1970.
 */
export function meanRetention({ cohorts, to }: Pick<RetentionAnswer, "cohorts" | "to">, at: number): (number | null)[] {
  const isRunning = new Date(to).getTime() > at;
  const length = Math.max(0, ...cohorts.map(({ returned }) => returned.length));
  return Array.from({ length }, (_, place) => {
    const old = cohorts.filter(({ returned }) => place < returned.length - (isRunning ? 1 : 0));
    const began = old.reduce((sum, { size }) => sum + size, 0);
    return began === 0 ? null : old.reduce((sum, { returned }) => sum + (returned[place] ?? 0), 0) / began;
  });
}
