// Draws the board.
import { COLUMNS, DIRECTIONS, ROWS } from "./game.js";

const CELL = 28;

/** Give the canvas its size, sharp on dense screens. */
export function fitCanvas(canvas) {
  const density = window.devicePixelRatio || 1;
  canvas.width = COLUMNS * CELL * density;
  canvas.height = ROWS * CELL * density;
  canvas.getContext("2d").scale(density, density);
}

/** Draw the game as it stands. */
export function draw(canvas, game) {
  const context = canvas.getContext("2d");
  context.fillStyle = "#08222e";
  context.fillRect(0, 0, COLUMNS * CELL, ROWS * CELL);
  context.fillStyle = "#0c2c3a";
  for (let y = 0; y < ROWS; y++) {
    for (let x = y % 2; x < COLUMNS; x += 2) context.fillRect(x * CELL, y * CELL, CELL, CELL);
  }
  drawFood(context, game.food);
  game.snake.forEach((cell, index) => {
    const fade = 1 - (index / game.snake.length) * 0.55;
    context.fillStyle = `hsl(${168 + index * 1.5} 70% ${Math.round(34 + 26 * fade)}%)`;
    const inset = index === 0 ? 1 : 2;
    rounded(context, cell, inset, index === 0 ? 9 : 7);
  });
  drawEyes(context, game);
}

function drawFood(context, food) {
  const x = food.x * CELL + CELL / 2;
  const y = food.y * CELL + CELL / 2;
  const glow = context.createRadialGradient(x, y, 2, x, y, CELL * 0.9);
  glow.addColorStop(0, "rgba(255, 138, 101, 0.55)");
  glow.addColorStop(1, "rgba(255, 138, 101, 0)");
  context.fillStyle = glow;
  context.fillRect(x - CELL, y - CELL, CELL * 2, CELL * 2);
  context.fillStyle = "#ff8a65";
  context.beginPath();
  context.arc(x, y, CELL * 0.34, 0, Math.PI * 2);
  context.fill();
}

function drawEyes(context, game) {
  const head = game.snake[0];
  const ahead = DIRECTIONS[game.direction];
  const x = head.x * CELL + CELL / 2 + ahead.x * 5;
  const y = head.y * CELL + CELL / 2 + ahead.y * 5;
  context.fillStyle = "#04141c";
  for (const side of [-1, 1]) {
    context.beginPath();
    context.arc(x + ahead.y * 5 * side, y + ahead.x * 5 * side, 2.6, 0, Math.PI * 2);
    context.fill();
  }
}

function rounded(context, cell, inset, radius) {
  context.beginPath();
  context.roundRect(
    cell.x * CELL + inset,
    cell.y * CELL + inset,
    CELL - inset * 2,
    CELL - inset * 2,
    radius,
  );
  context.fill();
}
