import { describe, expect, it } from "vitest";
import { createAnalytics } from "../../../../demo/snake/analytics.js";
import { newGame, SIZE, step, stepTime, turn, type Direction, type Game } from "../../../../demo/snake/rules.js";

function play(game: Game, ...directions: Direction[]): Game {
  return directions.reduce((state, direction) => step(turn(state, direction)), game);
}

/** A game in which the food lies where the test wants it. */
function gameWith(changes: Partial<Game>): Game {
  return { ...newGame(1), food: { x: 0, y: 0 }, ...changes };
}

describe("Snake", () => {
  it("moves one cell a step and keeps its length", () => {
    const game = gameWith({});
    const [head] = game.snake;
    const moved = step(game);
    expect(moved.snake[0]).toEqual({ x: (head?.x ?? 0) + 1, y: head?.y });
    expect(moved.snake).toHaveLength(3);
    expect(moved.score).toBe(0);
  });

  it("never turns back into itself, not even by two fast keys", () => {
    const game = gameWith({});
    expect(turn(game, "left")).toBe(game);
    expect(turn(game, "right")).toBe(game);
    const twice = turn(turn(turn(game, "up"), "down"), "left");
    expect(twice.turns).toEqual(["up", "left"]);
    expect(step(step(twice)).over).toBeNull();
  });

  it("grows, scores and gets faster by eating", () => {
    const game = gameWith({});
    const [head] = game.snake;
    const fed = step({ ...game, food: { x: (head?.x ?? 0) + 1, y: head?.y ?? 0 } });
    expect(fed).toMatchObject({ score: 10, foods: 1, over: null });
    expect(fed.snake).toHaveLength(4);
    expect(stepTime(fed)).toBeLessThan(stepTime(game));
    expect(stepTime({ ...game, foods: 1_000 })).toBe(65);
    expect(fed.snake).not.toContainEqual(fed.food);
  });

  it("ends at each wall", () => {
    for (const direction of ["up", "down", "right"] as const) {
      let game = gameWith({ food: null });
      for (let n = 0; n <= SIZE && !game.over; n++) game = play(game, direction);
      expect(game.over).toBe("wall");
    }
  });

  it("ends when it bites itself, but may follow its tail", () => {
    const square = [{ x: 5, y: 5 }, { x: 5, y: 6 }, { x: 4, y: 6 }, { x: 4, y: 5 }];
    expect(play(gameWith({ snake: square, direction: "up" }), "left").over).toBeNull();
    const longer = [...square, { x: 3, y: 5 }];
    expect(play(gameWith({ snake: longer, direction: "up" }), "left").over).toBe("self");
  });

  it("is won when the board is full", () => {
    const cells = [];
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) cells.push({ x: y % 2 ? SIZE - 1 - x : x, y });
    }
    const [head, ...body] = cells;
    if (!head) throw new Error("no cells");
    const won = step(gameWith({ snake: body, direction: "left", food: head }));
    expect(won).toMatchObject({ over: "full", food: null });
    expect(step(won)).toBe(won);
  });

  it("lays the same food for the same seed and moves, and other food for another seed", () => {
    expect(newGame(123).food).toEqual(newGame(123).food);
    const foods = new Set(Array.from({ length: 50 }, (_, seed) => JSON.stringify(newGame(seed * 7_919).food)));
    expect(foods.size).toBeGreaterThan(30);
  });
});

describe("what Snake reports", () => {
  it("is one change of direction in five, with the rate to scale by", () => {
    const reported: [string, object | undefined][] = [];
    const analytics = createAnalytics((name, properties) => reported.push([name, properties]), () => 0);
    for (let n = 0; n < 11; n++) analytics.directionChanged(newGame(1), "up", "keyboard");
    expect(reported).toHaveLength(3);
    expect(reported[0]).toEqual([
      "direction_changed",
      { direction: "up", from: "right", score: 0, control: "keyboard", sample_rate: 0.2 },
    ]);
  });

  it("does not count pauses as playing time", () => {
    let now = 1_000;
    const reported: Record<string, Record<string, unknown>> = {};
    const analytics = createAnalytics((name, properties) => { reported[name] = { ...properties }; }, () => now);
    analytics.gameStarted(0, "keyboard");
    now += 5_000;
    analytics.gamePaused(newGame(1), "player");
    now += 60_000;
    analytics.gameResumed(newGame(1));
    now += 2_500;
    analytics.gameOver({ ...newGame(1), over: "wall" });
    expect(reported.game_paused?.seconds).toBe(5);
    expect(reported.game_resumed?.paused_seconds).toBe(60);
    expect(reported.game_over).toMatchObject({ duration_seconds: 7.5, cause: "wall", length: 3, foods: 0 });
  });
});
