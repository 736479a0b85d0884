/**
 * Count the seconds of a game, pauses left out, with one decimal.
 *
 * @param {() => number} now  Milliseconds.
 */
export function playTime(now) {
  let startedAt = 0;
  let pausedAt = 0;
  let pausedFor = 0;
  /** @param {number} milliseconds */
  const rounded = (milliseconds) => Math.round(milliseconds / 100) / 10;
  return {
    start() {
      startedAt = now();
      pausedFor = 0;
    },
    pause() {
      pausedAt = now();
    },
    /** End a pause. Answers how many seconds it lasted. */
    resume() {
      const pause = now() - pausedAt;
      pausedFor += pause;
      return rounded(pause);
    },
    /** While a game is not paused. */
    seconds: () => rounded(now() - startedAt - pausedFor),
  };
}
