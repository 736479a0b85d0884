/**
 * Flappy Hedgehog, as an example of a measured game with an experiment: it wires rules, drawing, input, analytics
 * and the feature flag of the gap together.
 *
 * In the address: `key` is the project's public key; `seed` places the gaps the same way each time and writes the
 * game's state to the board's data attributes, for tests.
 *
 * @import { Phase } from "../common/scoreboard.js"
 */

import { connect } from "../common/connection.js";
import { flagValue } from "../common/flag.js";
import { highScoreOf } from "../common/high_score.js";
import { element, showPanel } from "../common/panel.js";
import { createSound } from "../common/sound.js";
import { appOpened, reportVisibility } from "../common/visit.js";
import { createAnalytics } from "./analytics.js";
import { listen } from "./input.js";
import { createRenderer } from "./render.js";
import { flap, GAPS, newGame, nextPipe, step, STEP_SECONDS } from "./rules.js";
import { show } from "./scoreboard.js";

const board = /** @type {HTMLCanvasElement} */ (element("board"));
const seed = new URLSearchParams(location.search).get("seed");
const connection = connect("flappy-hedgehog");
const analytics = createAnalytics(connection.report, () => performance.now());
const renderer = createRenderer(board);
const sound = createSound(element("sound"));
const best = highScoreOf("flappy");

/** @type {keyof typeof GAPS} */
let gap = "usual";
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
  board.dataset.y = String(game.y);
  board.dataset.gap = String(nextPipe(game)?.gap ?? "");
  board.dataset.gapName = gap;
}

/** @param {string} control */
function start(control) {
  if (phase === "paused") {
    resume();
    return;
  }
  if (phase === "playing") return;
  game = flap(newGame(nextSeed(), GAPS[gap]));
  before = game;
  isRecord = false;
  sinceStep = 0;
  analytics.gameStarted(game, highScore, control, gap);
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
  sound.play("crash");
  analytics.gameOver(game, gap);
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
  if (game.score > before.score) {
    sound.play("point");
    analytics.pipePassed(game);
    refresh();
  }
  if (game.over) {
    before = game;
    end();
  }
}

/** @param {number} now  Milliseconds. */
function frame(now) {
  // A tab that comes back to the front has not played on meanwhile.
  const passed = Math.min(now - lastFrame, 250);
  lastFrame = now;
  if (phase === "playing") {
    sinceStep += passed / 1000;
    while (!game.over && sinceStep >= STEP_SECONDS) {
      sinceStep -= STEP_SECONDS;
      advance();
    }
    if (seed !== null) refresh();
  }
  renderer.draw(game, before, Math.min(sinceStep / STEP_SECONDS, 1), now / 1000, phase);
  requestAnimationFrame(frame);
}

listen(element("frame"), {
  flap(control) {
    if (phase === "ready") {
      start(control);
    } else if (phase === "playing") {
      sound.play("flap");
      analytics.hedgehogFlap(game, control);
      game = flap(game);
    }
  },
  pause() {
    if (phase === "playing") pause("player");
    else if (phase === "paused") resume();
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

// The next game has the gap that the flag says; without an answer it is the usual one.
void flagValue("flappy-gap", connection).then((value) => {
  if (value === "narrow" || value === "wide") gap = value;
  refresh();
});
