/**
 * What Flappy Hedgehog says in each phase of a game.
 *
 * @import { Phase, Words } from "../common/scoreboard.js"
 * @import { Cause, Game } from "./rules.js"
 */

import { showScore } from "../common/scoreboard.js";

/** @type {Record<Cause, string>} */
const CAUSES = { pipe: "You flew into a pipe.", ground: "You fell to the ground." };

/**
 * @param {Phase} phase
 * @param {Game} game
 * @param {number} highScore
 * @param {boolean} isRecord
 */
export function show(phase, game, highScore, isRecord) {
  showScore(phase, game.score, highScore, isRecord, words(phase, game, isRecord));
}

/**
 * @param {Phase} phase
 * @param {Game} game
 * @param {boolean} isRecord
 * @returns {Words}
 */
function words(phase, game, isRecord) {
  const score = `Score ${game.score}.`;
  switch (phase) {
    case "ready":
      return { title: "Flappy Hedgehog", text: "Space, click or tap to flap.", button: "Play", status: "Press the space bar to play." };
    case "playing":
      return { title: "", text: "", button: "Play", status: score };
    case "paused":
      return { title: "Paused", text: "Press P to continue.", button: "Continue", status: `Paused. ${score}` };
    case "over": {
      const cause = game.over ? CAUSES[game.over] : "";
      const record = isRecord ? " New high score!" : "";
      return { title: "Game over", text: cause, button: "Play again", status: `Game over. ${cause} ${score}${record} Press Enter to play again.` };
    }
  }
}
