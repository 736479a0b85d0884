/**
 * What Snake says in each phase of a game.
 *
 * @import { Phase, Words } from "../common/scoreboard.js"
 * @import { Cause, Game } from "./rules.js"
 */

import { element } from "../common/panel.js";
import { showScore } from "../common/scoreboard.js";

/** @type {Record<Cause, string>} */
const CAUSES = { wall: "You ran into the wall.", self: "You bit yourself.", full: "You filled the whole board!" };

/**
 * @param {Phase} phase
 * @param {Game} game
 * @param {number} highScore
 * @param {boolean} isRecord
 */
export function show(phase, game, highScore, isRecord) {
  element("length").textContent = String(game.snake.length);
  showScore(phase, game.score, highScore, isRecord, words(phase, game, isRecord));
}

/**
 * @param {Phase} phase
 * @param {Game} game
 * @param {boolean} isRecord
 * @returns {Words}
 */
function words(phase, game, isRecord) {
  const score = `Score ${game.score}, length ${game.snake.length}.`;
  switch (phase) {
    case "ready":
      return { title: "Snake", text: "Arrow keys or WASD to steer, or swipe.", button: "Play", status: "Press Enter to play." };
    case "playing":
      return { title: "", text: "", button: "Play", status: score };
    case "paused":
      return { title: "Paused", text: "Press P or the space bar to continue.", button: "Continue", status: `Paused. ${score}` };
    case "over": {
      const cause = game.over ? CAUSES[game.over] : "";
      const record = isRecord ? " New high score!" : "";
      return { title: "Game over", text: cause, button: "Play again", status: `Game over. ${cause} ${score}${record} Press Enter to play again.` };
    }
  }
}
