/**
 * Draws the board. Lengths are those of the rules: the canvas is scaled so that the board is `SIZE` wide.
 *
 * @import { Phase } from "../common/scoreboard.js"
 * @import { Game, Pipe } from "./rules.js"
 */

import { disc, fit } from "../common/canvas.js";
import { GROUND_Y, HEDGEHOG_X, PIPE_WIDTH, RADIUS, SIZE } from "./rules.js";

const COLOURS = {
  skyTop: "#0b1530",
  skyBottom: "#1f4a63",
  moon: "#fef3c7",
  star: "#dbe4f5",
  farHill: "#17364f",
  nearHill: "#134e4a",
  pipeLight: "#2dd4bf",
  pipe: "#0d9488",
  pipeDark: "#0f5f5a",
  ground: "#8a6b45",
  groundDark: "#6f5536",
  grass: "#4ade80",
  spine: "#5b4333",
  spineLight: "#7c5d46",
  face: "#e9c9a1",
  nose: "#1f2937",
  cheek: "#f6a58f",
};
const LIP_HEIGHT = 0.9;
const LIP_OVERHANG = 0.25;
const STARS = Array.from({ length: 28 }, (_, number) => ({
  x: (number * 7.31) % SIZE,
  y: (number * 4.77) % (GROUND_Y * 0.55),
  radius: 0.03 + (number % 3) * 0.02,
}));

/** @param {HTMLCanvasElement} canvas */
export function createRenderer(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  return {
    /**
     * @param {Game} game
     * @param {Game} before  The game one step earlier.
     * @param {number} progress  From 0 to 1: how much of the way from `before` to `game` is done.
     * @param {number} seconds  The animation's clock.
     * @param {Phase} phase
     */
    draw(game, before, progress, seconds, phase) {
      fit(canvas, context, SIZE);
      /** @param {number} from @param {number} to */
      const between = (from, to) => from + (to - from) * progress;
      const distance = between(before.distance, game.distance);
      const scenery = calm.matches ? 0 : distance;
      drawSky(context);
      drawHills(context, COLOURS.farHill, scenery * 0.15, 2.6, 9);
      drawHills(context, COLOURS.nearHill, scenery * 0.35, 1.6, 5.5);
      for (const pipe of game.pipes) drawPipe(context, pipe, pipe.x + game.distance - distance, game.gapHeight);
      drawGround(context, distance);
      const bob = phase === "ready" && !calm.matches ? Math.sin(seconds * 3) * 0.35 : 0;
      const flapping = phase === "playing" && game.velocity < 0;
      drawHedgehog(context, between(before.y, game.y) + bob, game, flapping ? seconds : 0);
    },
  };
}

/** @param {CanvasRenderingContext2D} context */
function drawSky(context) {
  const sky = context.createLinearGradient(0, 0, 0, GROUND_Y);
  sky.addColorStop(0, COLOURS.skyTop);
  sky.addColorStop(1, COLOURS.skyBottom);
  context.fillStyle = sky;
  context.fillRect(0, 0, SIZE, SIZE);
  for (const { x, y, radius } of STARS) disc(context, x, y, radius, COLOURS.star);
  disc(context, 16, 3.4, 1.1, COLOURS.moon);
  disc(context, 15.5, 3.1, 1, COLOURS.skyTop);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} colour
 * @param {number} moved
 * @param {number} height
 * @param {number} length
 */
function drawHills(context, colour, moved, height, length) {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(0, GROUND_Y);
  for (let x = 0; x <= SIZE; x += 0.25) {
    const place = ((x + moved) / length) * 2 * Math.PI;
    context.lineTo(x, GROUND_Y - height * (1.1 + 0.6 * Math.sin(place) + 0.3 * Math.sin(place * 2.3)));
  }
  context.lineTo(SIZE, GROUND_Y);
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pipe} pipe
 * @param {number} x
 * @param {number} gapHeight
 */
function drawPipe(context, pipe, x, gapHeight) {
  const top = pipe.gap - gapHeight / 2;
  const bottom = pipe.gap + gapHeight / 2;
  const shine = context.createLinearGradient(x, 0, x + PIPE_WIDTH, 0);
  shine.addColorStop(0, COLOURS.pipe);
  shine.addColorStop(0.25, COLOURS.pipeLight);
  shine.addColorStop(1, COLOURS.pipeDark);
  context.fillStyle = shine;
  context.fillRect(x, 0, PIPE_WIDTH, top - LIP_HEIGHT);
  context.fillRect(x, bottom + LIP_HEIGHT, PIPE_WIDTH, GROUND_Y - bottom - LIP_HEIGHT);
  for (const y of [top - LIP_HEIGHT, bottom]) {
    context.beginPath();
    context.roundRect(x - LIP_OVERHANG, y, PIPE_WIDTH + LIP_OVERHANG * 2, LIP_HEIGHT, 0.2);
    context.fill();
  }
}

/** @param {CanvasRenderingContext2D} context @param {number} distance */
function drawGround(context, distance) {
  context.fillStyle = COLOURS.ground;
  context.fillRect(0, GROUND_Y, SIZE, SIZE - GROUND_Y);
  context.fillStyle = COLOURS.groundDark;
  for (let x = -(distance % 2); x < SIZE; x += 2) context.fillRect(x, GROUND_Y + 0.75, 1, 0.25);
  context.fillStyle = COLOURS.grass;
  context.fillRect(0, GROUND_Y, SIZE, 0.3);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} y
 * @param {Game} game
 * @param {number} seconds  0: the feet are still.
 */
function drawHedgehog(context, y, game, seconds) {
  context.save();
  context.translate(HEDGEHOG_X, y);
  context.rotate(Math.max(-0.45, Math.min(game.velocity / 22, 1.1)));
  drawSpines(context);
  context.fillStyle = COLOURS.face;
  context.beginPath();
  context.ellipse(0.42, 0.14, 0.62, 0.46, 0.15, 0, 2 * Math.PI);
  context.fill();
  const kick = seconds ? Math.sin(seconds * 40) * 0.12 : 0;
  for (const x of [-0.3, 0.2]) {
    context.beginPath();
    context.ellipse(x + kick, 0.66, 0.2, 0.12, 0, 0, 2 * Math.PI);
    context.fill();
  }
  disc(context, 1.03, 0.1, 0.13, COLOURS.nose);
  disc(context, 0.42, 0.3, 0.11, COLOURS.cheek);
  drawEye(context, game.over !== null);
  context.restore();
}

/** @param {CanvasRenderingContext2D} context */
function drawSpines(context) {
  const spines = 13;
  for (const [colour, reach] of /** @type {[string, number][]} */ ([[COLOURS.spine, 1.25], [COLOURS.spineLight, 1.02]])) {
    context.fillStyle = colour;
    context.beginPath();
    for (let spine = 0; spine <= spines * 2; spine++) {
      // From above the eye over the back to the belly.
      const angle = -0.7 - (spine / (spines * 2)) * 3.6;
      const radius = spine % 2 ? RADIUS * reach : RADIUS * reach * 0.8;
      context.lineTo(Math.cos(angle) * radius, Math.sin(angle) * radius);
    }
    context.fill();
  }
  disc(context, 0, 0.05, RADIUS * 0.78, COLOURS.spineLight);
}

/** @param {CanvasRenderingContext2D} context @param {boolean} dead */
function drawEye(context, dead) {
  if (!dead) {
    disc(context, 0.58, -0.06, 0.15, "#ffffff");
    disc(context, 0.63, -0.05, 0.09, COLOURS.nose);
    return;
  }
  context.strokeStyle = COLOURS.nose;
  context.lineWidth = 0.07;
  context.beginPath();
  for (const slope of [-1, 1]) {
    context.moveTo(0.48, -0.06 - 0.1 * slope);
    context.lineTo(0.68, -0.06 + 0.1 * slope);
  }
  context.stroke();
}
