// Puts rules, drawing, input and analytics together.
import { onDelivery, startAnalytics, track, trackTurn } from "./analytics.js";
import { draw, fitCanvas } from "./drawing.js";
import { newGame, pace, seededRandom, step, turn } from "./game.js";

const HIGH_SCORE = "snake.high_score";
const KEYS = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  w: "up",
  s: "down",
  a: "left",
  d: "right",
};

const canvas = document.getElementById("board");
const overlay = document.getElementById("overlay");
const title = document.getElementById("overlay-title");
const hint = document.getElementById("overlay-hint");
const status = document.getElementById("status");
const seed = new URLSearchParams(location.search).get("seed");

let game = newGame(makeRandom());
let state = "ready"; // ready, playing, paused, over
let startedAt = 0;
let timer;
let highScore = Number(read(HIGH_SCORE)) || 0;

function makeRandom() {
  return seed === null ? Math.random : seededRandom(Number(seed));
}

function start() {
  game = newGame(makeRandom());
  startedAt = performance.now();
  setState("playing");
  track("game_started", { high_score: highScore });
  tick();
}

function tick() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const outcome = step(game);
    if (outcome === "died") {
      finish();
      return;
    }
    if (outcome === "ate") {
      track("food_eaten", { score: game.score, length: game.snake.length, seconds: seconds() });
    }
    show();
    tick();
  }, pace(game));
}

function pause() {
  clearTimeout(timer);
  setState("paused");
  track("game_paused", { score: game.score });
}

function resume() {
  setState("playing");
  track("game_resumed", { score: game.score });
  tick();
}

function finish() {
  setState("over");
  track("game_over", {
    score: game.score,
    length: game.snake.length,
    foods: game.foods,
    duration_seconds: seconds(),
    cause: game.cause,
  });
  if (game.score > highScore) {
    track("high_score_achieved", { score: game.score, previous: highScore });
    highScore = game.score;
    write(HIGH_SCORE, String(highScore));
  }
  show();
}

function setState(next) {
  state = next;
  const texts = {
    ready: ["Snake", "Press Enter, or tap, to start"],
    paused: ["Paused", "Press P or Space, or tap, to go on"],
    over: ["Game over", "Press Enter, or tap, to play again"],
  };
  overlay.hidden = next === "playing";
  [title.textContent, hint.textContent] = texts[next] ?? ["", ""];
  document.body.dataset.state = next;
  const scored = next === "over" ? ` You scored ${game.score}.` : "";
  status.textContent = next === "playing" ? "Playing" : `${title.textContent}.${scored} ${hint.textContent}`;
  show();
}

function show() {
  document.getElementById("score").textContent = String(game.score);
  document.getElementById("high-score").textContent = String(Math.max(highScore, game.score));
  draw(canvas, game);
}

function steer(direction) {
  if (state === "playing" && turn(game, direction)) trackTurn(direction, game.score);
}

function act() {
  if (state === "ready" || state === "over") start();
  else if (state === "paused") resume();
}

function seconds() {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}

document.addEventListener("keydown", (event) => {
  const direction = KEYS[event.key];
  if (direction) steer(direction);
  else if (event.key === "Enter") act();
  else if (event.key === "p" || event.key === " ") {
    if (state === "playing") pause();
    else act();
  } else return;
  event.preventDefault();
});

let touch = null;
canvas.parentElement.addEventListener("pointerdown", (event) => {
  touch = { x: event.clientX, y: event.clientY };
  if (state !== "playing") act();
});
document.addEventListener("pointerup", (event) => {
  if (!touch) return;
  const x = event.clientX - touch.x;
  const y = event.clientY - touch.y;
  touch = null;
  if (Math.max(Math.abs(x), Math.abs(y)) < 24) return;
  if (Math.abs(x) > Math.abs(y)) steer(x > 0 ? "right" : "left");
  else steer(y > 0 ? "down" : "up");
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && state === "playing") pause();
});

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing forgets the high score; the game goes on.
  }
}

fitCanvas(canvas);
setState("ready");
onDelivery((sent) => {
  document.getElementById("sent").textContent = String(sent);
});
if (!(await startAnalytics("snake-game"))) {
  document.getElementById("no-key").hidden = false;
}
