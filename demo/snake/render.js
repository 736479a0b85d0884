/**
 * Draws the board. Lengths are in cells: the canvas is scaled so that a cell is 1 wide.
 *
 * @import { Cell, Game } from "./rules.js"
 */

import { disc, fit } from "../common/canvas.js";
import { SIZE } from "./rules.js";

const COLOURS = {
  light: "#131b2e",
  dark: "#10172a",
  head: [167, 243, 208],
  tail: [13, 148, 136],
  dead: [148, 163, 184],
  deadTail: [71, 85, 105],
  eye: "#0b1020",
  food: "#fb7185",
  leaf: "#4ade80",
};
const BODY_WIDTH = 0.74;
// Steps of colour in a cell: with so many the body shows no seams.
const SHADES = 6;
const BURST_SECONDS = 0.5;
const BURST_SPARKS = 14;

/**
 * @param {HTMLCanvasElement} canvas
 */
export function createRenderer(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {{ cell: Cell, at: number } | null} */
  let burst = null;

  return {
    /** Sparks where food was eaten. @param {Cell} cell @param {number} at  Seconds. */
    burst(cell, at) {
      burst = { cell, at };
    },

    /**
     * @param {Game} game
     * @param {Game} before  The game one step earlier.
     * @param {number} progress  From 0 to 1: how much of the way from `before` to `game` is done.
     * @param {number} seconds  The animation's clock.
     */
    draw(game, before, progress, seconds) {
      fit(canvas, context, SIZE);
      drawBoard(context);
      const moved = calm.matches ? 1 : progress;
      if (game.food) drawFood(context, game.food, calm.matches ? 0 : seconds);
      drawSnake(context, track(game, before, moved), game);
      if (burst && !calm.matches) drawBurst(context, burst.cell, (seconds - burst.at) / BURST_SECONDS);
    },
  };
}

/** @param {CanvasRenderingContext2D} context */
function drawBoard(context) {
  context.fillStyle = COLOURS.dark;
  context.fillRect(0, 0, SIZE, SIZE);
  context.fillStyle = COLOURS.light;
  for (let y = 0; y < SIZE; y++) {
    for (let x = y % 2; x < SIZE; x += 2) context.fillRect(x, y, 1, 1);
  }
}

/**
 * The middle of the snake from head to tail. While it moves, head and tail are between two cells.
 *
 * @param {Game} game
 * @param {Game} before
 * @param {number} progress
 * @returns {Cell[]}
 */
function track(game, before, progress) {
  const cells = game.snake.map((cell) => ({ x: cell.x + 0.5, y: cell.y + 0.5 }));
  const head = cells[0];
  const neck = cells[1];
  const tail = before.snake.at(-1);
  if (game === before || !head || !neck) return cells;
  cells[0] = { x: neck.x + (head.x - neck.x) * progress, y: neck.y + (head.y - neck.y) * progress };
  // A snake that grew keeps its tail where it was.
  const last = cells.at(-1);
  if (tail && last && game.snake.length === before.snake.length) {
    cells.push({ x: last.x + (tail.x + 0.5 - last.x) * (1 - progress), y: last.y + (tail.y + 0.5 - last.y) * (1 - progress) });
  }
  return cells;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Cell[]} cells
 * @param {Game} game
 */
function drawSnake(context, cells, game) {
  const dead = game.over !== null && game.over !== "full";
  context.lineCap = "round";
  const parts = (cells.length - 1) * SHADES;
  for (let part = parts; part > 0; part--) {
    const share = part / parts;
    const from = along(cells, part / SHADES);
    const to = along(cells, (part - 1) / SHADES);
    context.strokeStyle = dead ? mix(COLOURS.dead, COLOURS.deadTail, share) : mix(COLOURS.head, COLOURS.tail, share);
    context.lineWidth = BODY_WIDTH * (1 - share * 0.25);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  const head = cells[0];
  if (head) drawHead(context, head, game, dead);
}

/**
 * The point so many cells behind the head.
 * @param {Cell[]} cells
 * @param {number} distance
 * @returns {Cell}
 */
function along(cells, distance) {
  const index = Math.min(Math.floor(distance), cells.length - 2);
  const from = cells[index] ?? { x: 0, y: 0 };
  const to = cells[index + 1] ?? from;
  return { x: from.x + (to.x - from.x) * (distance - index), y: from.y + (to.y - from.y) * (distance - index) };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Cell} at
 * @param {Game} game
 * @param {boolean} dead
 */
function drawHead(context, at, game, dead) {
  const angles = { right: 0, down: Math.PI / 2, left: Math.PI, up: -Math.PI / 2 };
  context.save();
  context.translate(at.x, at.y);
  context.rotate(angles[game.direction]);
  context.fillStyle = mix(dead ? COLOURS.dead : COLOURS.head, COLOURS.tail, 0);
  context.beginPath();
  context.ellipse(0.04, 0, 0.48, 0.44, 0, 0, 2 * Math.PI);
  context.fill();
  for (const side of [-1, 1]) {
    if (dead) drawCross(context, 0.14, side * 0.2);
    else drawEye(context, 0.14, side * 0.2);
  }
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y */
function drawEye(context, x, y) {
  disc(context, x, y, 0.13, "#ffffff");
  disc(context, x + 0.05, y, 0.07, COLOURS.eye);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y */
function drawCross(context, x, y) {
  context.strokeStyle = COLOURS.eye;
  context.lineWidth = 0.06;
  context.beginPath();
  for (const slope of [-1, 1]) {
    context.moveTo(x - 0.08, y - 0.08 * slope);
    context.lineTo(x + 0.08, y + 0.08 * slope);
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Cell} cell
 * @param {number} seconds
 */
function drawFood(context, cell, seconds) {
  const x = cell.x + 0.5;
  const y = cell.y + 0.54;
  const beat = 1 + 0.06 * Math.sin(seconds * 5);
  const glow = context.createRadialGradient(x, y, 0.1, x, y, 1.1 * beat);
  glow.addColorStop(0, "rgba(251, 113, 133, 0.4)");
  glow.addColorStop(1, "rgba(251, 113, 133, 0)");
  context.fillStyle = glow;
  context.fillRect(x - 1.2, y - 1.2, 2.4, 2.4);
  disc(context, x, y, 0.34 * beat, COLOURS.food);
  disc(context, x - 0.11, y - 0.12, 0.08, "rgba(255, 255, 255, 0.55)");
  context.fillStyle = COLOURS.leaf;
  context.beginPath();
  context.ellipse(x + 0.12, y - 0.38, 0.16, 0.08, -0.6, 0, 2 * Math.PI);
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Cell} cell
 * @param {number} progress
 */
function drawBurst(context, cell, progress) {
  if (progress < 0 || progress > 1) return;
  context.globalAlpha = 1 - progress;
  for (let spark = 0; spark < BURST_SPARKS; spark++) {
    const angle = (spark / BURST_SPARKS) * 2 * Math.PI;
    const distance = (0.4 + (spark % 3) * 0.35) * (0.3 + progress * 1.6);
    const colour = spark % 2 ? COLOURS.food : "#fde68a";
    disc(context, cell.x + 0.5 + Math.cos(angle) * distance, cell.y + 0.5 + Math.sin(angle) * distance, 0.1 * (1 - progress) + 0.02, colour);
  }
  context.globalAlpha = 1;
}

/**
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} share
 */
function mix(from, to, share) {
  const channels = from.map((value, index) => Math.round(value + ((to[index] ?? value) - value) * share));
  return `rgb(${channels.join(", ")})`;
}
