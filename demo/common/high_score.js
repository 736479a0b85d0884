/**
 * Keep a game's best score on this device.
 *
 * @param {string} game  Name of the game, as in its address.
 */
export function highScoreOf(game) {
  const key = `tidemark-demo:${game}:high-score`;
  return {
    /** The best score; 0 without one. */
    load() {
      try {
        return Number(localStorage.getItem(key)) || 0;
      } catch {
        return 0;
      }
    },

    /** @param {number} score */
    save(score) {
      try {
        localStorage.setItem(key, String(score));
      } catch {
        // Storage is blocked: the high score lasts until the page is left.
      }
    },
  };
}
