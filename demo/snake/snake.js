/**
 * Snake, as an example of a measured game: it wires rules, drawing, input and analytics together.
 *
 * In the address: `key` is the project's public key; `seed` makes the food fall the same way each time and
 * writes the game's state to the board's data attributes, for tests.
 *
 * @import { Phase } from "../common/scoreboard.js"
 */

import { connect } from "../common/connection.js";
import { highScoreOf } from "../common/high_score.js";
import { element, showPanel } from "../common/panel.js";
import { appOpened, reportVisibility } from "../common/visit.js";
import { createAnalytics } from "./analytics.js";
import { listen } from "./input.js";
import { createRenderer } from "./render.js";
import { newGame, step, stepTime, turn } from "./rules.js";
import { show } from "./scoreboard.js";

const board = /** @type {HTMLCanvasElement} */ (element("board"));
const seed = new URLSearchParams(location.search).get("seed");
const connection = connect("snake-game");
const analytics = createAnalytics(connection.report, () => performance.now());
const renderer = createRenderer(board);
const best = highScoreOf("snake");

let game = newGame(nextSeed());
let before = game;
/** @type {Phase} */
let phase = "ready";
let highScore = best.load();
let isRecord = false;
let sinceStep = 0;
let lastFrame = 0;

function nextSeed() {
  return seed === null ? (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) : Number(seed) || 0;
}

/** @param {Phase} next */
function enter(next) {
  phase = next;
  refresh();
}

function refresh() {
  show(phase, game, highScore, isRecord);
  if (seed === null) return;
  const [head] = game.snake;
  board.dataset.head = `${head?.x},${head?.y}`;
  board.dataset.food = game.food ? `${game.food.x},${game.food.y}` : "";
  board.dataset.direction = game.direction;
}

/** @param {string} control */
function start(control) {
  if (phase === "paused") {
    resume();
    return;
  }
  if (phase === "playing") return;
  game = newGame(nextSeed());
  before = game;
  isRecord = false;
  sinceStep = 0;
  analytics.gameStarted(highScore, control);
  enter("playing");
}

/** @param {string} reason */
function pause(reason) {
  analytics.gamePaused(game, reason);
  enter("paused");
}

function resume() {
  analytics.gameResumed(game);
  enter("playing");
}

function end() {
  analytics.gameOver(game);
  if (game.score > highScore) {
    analytics.highScoreAchieved(game.score, highScore);
    highScore = game.score;
    isRecord = true;
    best.save(highScore);
  }
  enter("over");
}

function advance() {
  before = game;
  game = step(game);
  if (game.foods > before.foods) {
    const [head] = game.snake;
    if (head) renderer.burst(head, lastFrame / 1000);
    analytics.foodEaten(game);
  }
  if (game.over) {
    before = game;
    end();
  } else {
    refresh();
  }
}

/** @param {number} now  Milliseconds. */
function frame(now) {
  // A tab that comes back to the front has not played on meanwhile.
  const passed = Math.min(now - lastFrame, 250);
  lastFrame = now;
  if (phase === "playing") {
    sinceStep += passed;
    while (!game.over && sinceStep >= stepTime(game)) {
      sinceStep -= stepTime(game);
      advance();
    }
  }
  renderer.draw(game, before, Math.min(sinceStep / stepTime(game), 1), now / 1000);
  requestAnimationFrame(frame);
}

listen(board, {
  turn(direction, control) {
    if (phase === "ready") start(control);
    if (phase !== "playing") return;
    const turned = turn(game, direction);
    if (turned === game) return;
    analytics.directionChanged(game, direction, control);
    game = turned;
  },
  pause() {
    if (phase === "playing") pause("player");
    else if (phase === "paused") resume();
    else if (phase === "ready") start("keyboard");
  },
  start,
});
element("start").addEventListener("click", () => {
  start("button");
});

reportVisibility(connection.report, analytics.gamesPlayed, () => {
  if (phase === "playing") pause("tab_hidden");
});
showPanel(connection.problem);
appOpened(connection.report);
enter("ready");
requestAnimationFrame(frame);
