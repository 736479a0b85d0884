import type { RetentionResult } from "../../../api/insights/insights";

/**
 * Return the share of all persons who came back after 0, 1, 2 … intervals, each person counting once;
 * null where no cohort is old enough. Intervals in progress are left out: they would make the newest
 * cohorts look worse than they are.
 *
 * @param now in milliseconds since 1970.
 */
export function meanRetention({ cohorts, to }: Pick<RetentionResult, "cohorts" | "to">, now: number): (number | null)[] {
  const isRunning = new Date(to).getTime() > now;
  const length = Math.max(0, ...cohorts.map(({ returned }) => returned.length));
  return Array.from({ length }, (_, index) => {
    const old = cohorts.filter(({ returned }) => index < returned.length - (isRunning ? 1 : 0));
    const started = old.reduce((sum, { size }) => sum + size, 0);
    return started === 0 ? null : old.reduce((sum, { returned }) => sum + (returned[index] ?? 0), 0) / started;
  });
}
