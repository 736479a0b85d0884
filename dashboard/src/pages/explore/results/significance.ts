interface Conversions {
  entered: number;
  completed: number;
}

/** The z-score beyond which fewer than 5% of equal groups would differ by chance. */
const CRITICAL = 1.96;
/** Below so many of either outcome the normal distribution does not describe a share. */
const MIN_COUNT = 5;

/** Whether two groups convert differently by more than chance: a two-proportion z-test at 95%. */
export function isDifferent(one: Conversions, other: Conversions): boolean {
  const groups = [one, other];
  if (groups.some(({ entered, completed }) => completed < MIN_COUNT || entered - completed < MIN_COUNT)) return false;
  const pooled = (one.completed + other.completed) / (one.entered + other.entered);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.entered + 1 / other.entered));
  return Math.abs(one.completed / one.entered - other.completed / other.entered) / error > CRITICAL;
}
