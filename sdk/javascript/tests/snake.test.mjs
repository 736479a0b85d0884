import { describe, expect, it } from "vitest";
import { COLUMNS, newGame, pace, seededRandom, step, turn } from "../../../demo/snake/game.js";

/** Steer the snake to its food along rows and columns. */
function eat(game) {
  for (let steps = 0; steps < 200; steps++) {
    const head = game.snake[0];
    const wanted =
      game.food.x !== head.x ? (game.food.x > head.x ? "right" : "left") : game.food.y > head.y ? "down" : "up";
    if (!turn(game, wanted) && wanted !== game.direction) turn(game, wanted === "left" || wanted === "right" ? "up" : "right");
    const outcome = step(game);
    if (outcome !== "moved") return outcome;
  }
  return "lost";
}

describe("Snake", () => {
  it("grows and scores when it eats, and gets faster", () => {
    const game = newGame(seededRandom(7));
    const before = pace(game);
    expect(eat(game)).toBe("ate");
    expect(game).toMatchObject({ score: 10, foods: 1 });
    expect(game.snake).toHaveLength(4);
    expect(pace(game)).toBeLessThan(before);
  });

  it("dies at the wall", () => {
    const game = newGame(seededRandom(1));
    let outcome = "moved";
    for (let steps = 0; steps < COLUMNS && outcome !== "died"; steps++) outcome = step(game);
    expect(outcome).toBe("died");
    expect(game.cause).toBe("wall");
  });

  it("cannot turn back into itself, not even by two quick turns in one step", () => {
    const game = newGame(seededRandom(1));
    expect(turn(game, "left")).toBe(false);
    expect(turn(game, "up")).toBe(true);
    expect(turn(game, "down")).toBe(false);
    expect(step(game)).toBe("moved");
  });

  it("never puts food on the snake", () => {
    const game = newGame(seededRandom(3));
    for (let round = 0; round < 5; round++) {
      if (eat(game) !== "ate") break;
      expect(game.snake).not.toContainEqual(game.food);
    }
  });

  it("plays the same game for the same seed", () => {
    expect(newGame(seededRandom(5)).food).toEqual(newGame(seededRandom(5)).food);
  });
});
