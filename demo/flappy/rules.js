/**
 * The rules of Flappy Hedgehog: pure functions from one state to the next, without clock, canvas or chance of
 * their own. Lengths are in units of which the board is `SIZE` wide and high; y grows downwards.
 *
 * @typedef {object} Pipe
 * @property {number} number  1 for the first of a game.
 * @property {number} x  Left edge.
 * @property {number} gap  Middle of the gap.
 * @typedef {"pipe" | "ground"} Cause  How a game ended.
 * @typedef {object} Game
 * @property {number} y  Middle of the hedgehog.
 * @property {number} velocity  Units a second, downwards.
 * @property {number} distance  How far the ground has moved.
 * @property {readonly Pipe[]} pipes  On the board or soon to be, leftmost first.
 * @property {number} gapHeight
 * @property {number} score  Pipes passed.
 * @property {number} flaps
 * @property {Cause | null} over
 * @property {number} chance  State of the sequence that places the gaps.
 */

import { pick } from "../common/chance.js";

export const SIZE = 20;
export const HEDGEHOG_X = 5;
export const RADIUS = 0.75;
export const GROUND_Y = 18.4;
export const PIPE_WIDTH = 2.6;
export const STEP_SECONDS = 1 / 120;

/** Heights of the gap, by name. Which one a player gets may be decided by a feature flag. */
export const GAPS = { narrow: 5.6, usual: 6.6, wide: 7.8 };

const GRAVITY = 42;
const FLAP_VELOCITY = -12.5;
const PIPE_DISTANCE = 9;
const FIRST_PIPE_X = 19;
const SLOWEST = 5.4;
const FASTEST = 8;
const FASTER_BY = 0.06;
const GAP_PLACES = 60;
const GAP_MARGIN = 1.4;
// So that each gap can be reached from the one before, at full speed too.
const MAX_RISE = 6;

/**
 * Begin a game. The same seed gives the same gaps.
 *
 * @param {number} seed
 * @param {number} gapHeight
 * @returns {Game}
 */
export function newGame(seed, gapHeight = GAPS.usual) {
  return addPipes({
    y: 13, // below the words of the title screen
    velocity: 0,
    distance: 0,
    pipes: [],
    gapHeight,
    score: 0,
    flaps: 0,
    over: null,
    chance: seed,
  });
}

/**
 * @param {Game} game
 * @returns {Game}
 */
export function flap(game) {
  return game.over ? game : { ...game, velocity: FLAP_VELOCITY, flaps: game.flaps + 1 };
}

/** Units a second that the pipes come nearer. @param {Game} game */
export function speed(game) {
  return Math.min(SLOWEST + game.score * FASTER_BY, FASTEST);
}

/**
 * Move everything on by `STEP_SECONDS`.
 *
 * @param {Game} game
 * @returns {Game}
 */
export function step(game) {
  if (game.over) return game;
  const moved = speed(game) * STEP_SECONDS;
  const velocity = game.velocity + GRAVITY * STEP_SECONDS;
  // The sky has an end, which hurts nobody.
  const y = Math.max(game.y + velocity * STEP_SECONDS, RADIUS);
  const pipes = game.pipes.map((pipe) => ({ ...pipe, x: pipe.x - moved })).filter((pipe) => pipe.x > -PIPE_WIDTH);
  const passed = pipes.filter((pipe) => hasPassed(pipe.x) && !hasPassed(pipe.x + moved)).length;
  return judge(addPipes({ ...game, y, velocity, distance: game.distance + moved, pipes, score: game.score + passed }));
}

/** The pipe that comes next, the one around the hedgehog included. @param {Game} game */
export function nextPipe(game) {
  return game.pipes.find((pipe) => !hasPassed(pipe.x));
}

/** @param {number} x */
function hasPassed(x) {
  return x + PIPE_WIDTH < HEDGEHOG_X - RADIUS;
}

/**
 * @param {Game} game
 * @returns {Game}
 */
function judge(game) {
  if (game.y + RADIUS >= GROUND_Y) return { ...game, y: GROUND_Y - RADIUS, over: "ground" };
  if (game.pipes.some((pipe) => isHit(game, pipe))) return { ...game, over: "pipe" };
  return game;
}

/** Whether the circle around the hedgehog touches one of the pipe's two parts. @param {Game} game @param {Pipe} pipe */
function isHit(game, pipe) {
  const across = Math.max(pipe.x - HEDGEHOG_X, 0, HEDGEHOG_X - pipe.x - PIPE_WIDTH);
  const above = game.y - (pipe.gap - game.gapHeight / 2);
  const below = pipe.gap + game.gapHeight / 2 - game.y;
  const along = Math.max(0, Math.min(above, below));
  return Math.hypot(across, along) < RADIUS;
}

/**
 * @param {Game} game
 * @returns {Game}
 */
function addPipes(game) {
  const pipes = [...game.pipes];
  let { chance } = game;
  let last = pipes.at(-1);
  while (!last || last.x < SIZE) {
    const { index, chance: following } = pick(chance, GAP_PLACES);
    chance = following;
    const highest = GAP_MARGIN + game.gapHeight / 2;
    const lowest = GROUND_Y - GAP_MARGIN - game.gapHeight / 2;
    const gap = highest + ((lowest - highest) * index) / (GAP_PLACES - 1);
    last = {
      number: (last?.number ?? 0) + 1,
      x: last ? last.x + PIPE_DISTANCE : FIRST_PIPE_X,
      gap: last ? Math.max(last.gap - MAX_RISE, Math.min(gap, last.gap + MAX_RISE)) : gap,
    };
    pipes.push(last);
  }
  return pipes.length === game.pipes.length ? game : { ...game, pipes, chance };
}
