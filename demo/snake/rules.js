/**
 * The rules of Snake: pure functions from one state to the next, without clock, canvas or chance of their own.
 *
 * @typedef {{ x: number, y: number }} Cell
 * @typedef {"up" | "down" | "left" | "right"} Direction
 * @typedef {"wall" | "self" | "full"} Cause  How a game ended; `full` is a won game: no cell was left.
 * @typedef {object} Game
 * @property {readonly Cell[]} snake  Head first.
 * @property {Direction} direction  The direction of the last step.
 * @property {readonly Direction[]} turns  Turns asked for, one is taken at each step.
 * @property {Cell | null} food  `null` when no cell is free.
 * @property {number} score
 * @property {number} foods  Pieces of food eaten.
 * @property {Cause | null} over
 * @property {number} chance  State of the sequence that places the food.
 */

import { pick } from "../common/chance.js";

export const SIZE = 20;
export const POINTS = 10;
const MAX_TURNS = 3;
const SLOWEST_MS = 150;
const FASTEST_MS = 65;
const FASTER_BY_MS = 4;

/** @type {Record<Direction, Cell>} */
const STEPS = { up: { x: 0, y: -1 }, down: { x: 0, y: 1 }, left: { x: -1, y: 0 }, right: { x: 1, y: 0 } };

/**
 * A new game. The same seed gives the same food for the same moves.
 * @param {number} seed
 * @returns {Game}
 */
export function newGame(seed) {
  // Below the words of the title screen.
  const snake = [0, 1, 2].map((behind) => ({ x: 8 - behind, y: 15 }));
  return placeFood({ snake, direction: "right", turns: [], food: null, score: 0, foods: 0, over: null, chance: seed });
}

/**
 * Asks for a turn. Turning on the spot or straight back is impossible and changes nothing.
 * @param {Game} game
 * @param {Direction} direction
 * @returns {Game}
 */
export function turn(game, direction) {
  const before = game.turns.at(-1) ?? game.direction;
  if (game.over || game.turns.length >= MAX_TURNS || STEPS[before].x === -STEPS[direction].x || before === direction) {
    return game;
  }
  return { ...game, turns: [...game.turns, direction] };
}

/**
 * One step of the snake.
 * @param {Game} game
 * @returns {Game}
 */
export function step(game) {
  if (game.over) return game;
  const [direction = game.direction, ...turns] = game.turns;
  const head = next(game.snake, direction);
  const eats = game.food !== null && same(head, game.food);
  // The tail moves away in the same step, unless the snake grows.
  const body = eats ? game.snake : game.snake.slice(0, -1);
  if (head.x < 0 || head.y < 0 || head.x >= SIZE || head.y >= SIZE) return { ...game, direction, turns, over: "wall" };
  if (body.some((cell) => same(cell, head))) return { ...game, direction, turns, over: "self" };
  const moved = { ...game, direction, turns, snake: [head, ...body] };
  if (!eats) return moved;
  return placeFood({ ...moved, score: game.score + POINTS, foods: game.foods + 1 });
}

/**
 * Milliseconds between two steps: the game gets faster with each piece of food.
 * @param {Game} game
 */
export function stepTime(game) {
  return Math.max(SLOWEST_MS - game.foods * FASTER_BY_MS, FASTEST_MS);
}

/**
 * @param {Game} game
 * @returns {Game}
 */
function placeFood(game) {
  const free = [];
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      if (!game.snake.some((cell) => cell.x === x && cell.y === y)) free.push({ x, y });
    }
  }
  const { index, chance } = pick(game.chance, free.length);
  const food = free[index] ?? null;
  return { ...game, food, chance, over: food ? game.over : "full" };
}

/**
 * @param {readonly Cell[]} snake
 * @param {Direction} direction
 * @returns {Cell}
 */
function next(snake, direction) {
  const head = snake[0] ?? { x: 0, y: 0 };
  return { x: head.x + STEPS[direction].x, y: head.y + STEPS[direction].y };
}

/**
 * @param {Cell} one
 * @param {Cell} other
 */
function same(one, other) {
  return one.x === other.x && one.y === other.y;
}
