/**
 * Everything on the page that is text: scores, the overlay and the status line that screen readers speak.
 *
 * @import { Cause, Game } from "./rules.js"
 * @typedef {"ready" | "playing" | "paused" | "over"} Phase
 */

import { element } from "../common/panel.js";

const HIGH_SCORE_KEY = "tidemark-demo:snake:high-score";

/** @type {Record<Cause, string>} */
const CAUSES = { wall: "You ran into the wall.", self: "You bit yourself.", full: "You filled the whole board!" };

/** The best score on this device; 0 without one. */
export function loadHighScore() {
  try {
    return Number(localStorage.getItem(HIGH_SCORE_KEY)) || 0;
  } catch {
    return 0;
  }
}

/** @param {number} score */
export function saveHighScore(score) {
  try {
    localStorage.setItem(HIGH_SCORE_KEY, String(score));
  } catch {
    // Storage is blocked: the high score lasts until the page is left.
  }
}

/**
 * @param {Phase} phase
 * @param {Game} game
 * @param {number} highScore
 * @param {boolean} isRecord
 */
export function show(phase, game, highScore, isRecord) {
  document.body.dataset.state = phase;
  element("score").textContent = String(game.score);
  element("best").textContent = String(highScore);
  element("length").textContent = String(game.snake.length);
  const { title, text, button, status } = words(phase, game, isRecord);
  element("overlay").hidden = phase === "playing";
  element("overlay-title").textContent = title;
  element("overlay-text").textContent = text;
  element("overlay-score").textContent = phase === "over" ? String(game.score) : "";
  element("overlay-badge").hidden = !(phase === "over" && isRecord);
  element("start").textContent = button;
  const line = element("status");
  if (line.textContent !== status) line.textContent = status;
}

/**
 * @param {Phase} phase
 * @param {Game} game
 * @param {boolean} isRecord
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
