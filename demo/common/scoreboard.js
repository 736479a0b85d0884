/**
 * Everything on a game's page that is text: scores, the overlay and the status line that screen readers speak.
 *
 * @typedef {"ready" | "playing" | "paused" | "over"} Phase
 * @typedef {object} Words
 * @property {string} title
 * @property {string} text
 * @property {string} button
 * @property {string} status
 */

import { element } from "./panel.js";

/**
 * @param {Phase} phase
 * @param {number} score
 * @param {number} highScore
 * @param {boolean} isRecord
 * @param {Words} words
 */
export function showScore(phase, score, highScore, isRecord, words) {
  document.body.dataset.state = phase;
  element("score").textContent = String(score);
  element("best").textContent = String(highScore);
  element("overlay").hidden = phase === "playing";
  element("overlay-title").textContent = words.title;
  element("overlay-text").textContent = words.text;
  element("overlay-score").textContent = phase === "over" ? String(score) : "";
  element("overlay-badge").hidden = !(phase === "over" && isRecord);
  element("start").textContent = words.button;
  const line = element("status");
  if (line.textContent !== words.status) line.textContent = words.status;
}
