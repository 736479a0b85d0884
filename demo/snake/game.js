// The rules of Snake: no drawing, no clock, no chance of its own.

export const COLUMNS = 24;
export const ROWS = 18;

export const DIRECTIONS = {
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
};

const OPPOSITE = { up: "down", down: "up", left: "right", right: "left" };

/** A random source that gives the same numbers for the same seed (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A new game: three segments in the middle, heading right. */
export function newGame(random) {
  const y = Math.floor(ROWS / 2);
  const game = {
    snake: [0, 1, 2].map((offset) => ({ x: Math.floor(COLUMNS / 2) - offset, y })),
    direction: "right",
    turns: [],
    food: null,
    score: 0,
    foods: 0,
    cause: null,
    random,
  };
  game.food = freeCell(game);
  return game;
}

/** Remember a turn for the next steps; two quick turns are both taken. Answers whether it counts. */
export function turn(game, direction) {
  const last = game.turns.at(-1) ?? game.direction;
  if (direction === last || direction === OPPOSITE[last] || game.turns.length >= 2) return false;
  game.turns.push(direction);
  return true;
}

/** One step. Answers what happened: "moved", "ate" or "died". */
export function step(game) {
  game.direction = game.turns.shift() ?? game.direction;
  const delta = DIRECTIONS[game.direction];
  const head = { x: game.snake[0].x + delta.x, y: game.snake[0].y + delta.y };
  if (head.x < 0 || head.y < 0 || head.x >= COLUMNS || head.y >= ROWS) {
    game.cause = "wall";
    return "died";
  }
  const eats = same(head, game.food);
  // The tail moves away in this step, unless the snake grows.
  const body = eats ? game.snake : game.snake.slice(0, -1);
  if (body.some((cell) => same(cell, head))) {
    game.cause = "self";
    return "died";
  }
  game.snake = [head, ...body];
  if (!eats) return "moved";
  game.foods += 1;
  game.score += 10;
  game.food = freeCell(game);
  return "ate";
}

/** Milliseconds between steps: faster with every bite, down to a limit. */
export function pace(game) {
  return Math.max(60, 140 - game.foods * 4);
}

function freeCell(game) {
  const free = [];
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < COLUMNS; x++) {
      if (!game.snake.some((cell) => same(cell, { x, y }))) free.push({ x, y });
    }
  }
  return free[Math.floor(game.random() * free.length)] ?? { x: -1, y: -1 };
}

function same(one, other) {
  return one.x === other.x && one.y === other.y;
}
