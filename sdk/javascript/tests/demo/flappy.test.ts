import { describe, expect, it } from "vitest";
import { createAnalytics } from "../../../../demo/flappy/analytics.js";
import { flap, GAPS, GROUND_Y, newGame, nextPipe, PIPE_WIDTH, RADIUS, SIZE, speed, step, STEP_SECONDS, type Game } from "../../../../demo/flappy/rules.js";

/** Play on, flapping when the hedgehog falls below the middle of the next gap. */
function fly(game: Game, until: (game: Game) => boolean, maxSeconds = 120): Game {
  let state = game;
  for (let n = 0; n < maxSeconds / STEP_SECONDS && !state.over && !until(state); n++) {
    const target = (nextPipe(state)?.gap ?? 9) + 1.2;
    state = step(state.y > target && state.velocity > -2 ? flap(state) : state);
  }
  return state;
}

describe("Flappy Hedgehog", () => {
  it("falls to the ground when nobody flaps", () => {
    const over = fly({ ...newGame(1), pipes: [{ number: 1, x: SIZE, gap: 50 }] }, () => false, 3);
    expect(over).toMatchObject({ over: "ground", flaps: 0, score: 0, y: GROUND_Y - RADIUS });
    expect(step(over)).toBe(over);
    expect(flap(over)).toBe(over);
  });

  it("rises by a flap, and never leaves the sky", () => {
    const risen = step(flap(newGame(1)));
    expect(risen.y).toBeLessThan(newGame(1).y);
    let game = newGame(1);
    for (let n = 0; n < 240; n++) game = step(flap(game));
    expect(game.y).toBe(RADIUS);
  });

  it("counts each passed pipe once, and gets faster up to a limit", () => {
    const game = fly(newGame(3), (state) => state.score === 12);
    expect(game).toMatchObject({ score: 12, over: null });
    expect(nextPipe(game)?.number).toBe(13);
    expect(speed(game)).toBeGreaterThan(speed(newGame(3)));
    expect(speed({ ...game, score: 10_000 })).toBe(8);
  });

  it("ends at a pipe, from the side and from within the gap", () => {
    const before = { ...newGame(1), y: 3, velocity: 0 };
    const atPipe = (gap: number, x: number): Game => step({ ...before, pipes: [{ number: 1, x, gap }] });
    expect(atPipe(14, 5).over).toBe("pipe");
    expect(atPipe(14, 5 + RADIUS + 0.2).over).toBeNull();
    expect(atPipe(3, 5 - PIPE_WIDTH / 2).over).toBeNull();
    expect(atPipe(3 - GAPS.usual / 2, 5 - PIPE_WIDTH / 2).over).toBe("pipe");
  });

  it("can be won in every gap: each one can be reached from the one before", () => {
    for (const height of Object.values(GAPS)) {
      for (const seed of [1, 2, 3, 4, 5]) {
        expect(fly(newGame(seed, height), (state) => state.score === 25).score).toBe(25);
      }
    }
  });

  it("places the same gaps for the same seed, all within the board", () => {
    expect(newGame(7).pipes).toEqual(newGame(7).pipes);
    expect(newGame(7).pipes).not.toEqual(newGame(8).pipes);
    let game = newGame(7);
    const seen = new Map<number, number>();
    for (let n = 0; n < 60_000; n++) {
      game = { ...step({ ...game, y: nextPipe(game)?.gap ?? 9, velocity: 0 }), over: null };
      for (const pipe of game.pipes) seen.set(pipe.number, pipe.gap);
    }
    expect(seen.size).toBeGreaterThan(40);
    expect(Math.min(...seen.values()) - game.gapHeight / 2).toBeGreaterThan(1);
    expect(Math.max(...seen.values()) + game.gapHeight / 2).toBeLessThan(GROUND_Y - 1);
  });
});

describe("events of Flappy Hedgehog", () => {
  it("reports every fifth flap with its rate", () => {
    const reported: [string, object | undefined][] = [];
    const analytics = createAnalytics((name, properties) => reported.push([name, properties]), () => 0);
    for (let n = 0; n < 11; n++) analytics.hedgehogFlap({ ...newGame(1), y: 10.4, velocity: 4 }, "keyboard");
    expect(reported).toHaveLength(3);
    expect(reported[0]).toEqual([
      "hedgehog_flap",
      expect.objectContaining({ height: 8, velocity: -4, score: 0, pipe_distance: 14, control: "keyboard", sample_rate: 0.2 }),
    ]);
  });

  it("does not count pauses as time of play", () => {
    let now = 1_000;
    const reported: Record<string, Record<string, unknown>> = {};
    const analytics = createAnalytics((name, properties) => { reported[name] = { ...properties }; }, () => now);
    analytics.gameStarted(newGame(1), 4, "touch", "usual");
    now += 3_000;
    analytics.gamePaused(newGame(1), "player");
    now += 60_000;
    analytics.gameResumed(newGame(1));
    now += 1_250;
    analytics.gameOver({ ...newGame(1), over: "pipe", score: 2, flaps: 9 }, "usual");
    expect(reported.game_started).toMatchObject({ game_number: 1, high_score: 4, gap: "usual", gap_height: GAPS.usual });
    expect(reported.game_paused).toMatchObject({ seconds: 3 });
    expect(reported.game_resumed).toEqual({ score: 0, paused_seconds: 60 });
    expect(reported.game_over).toMatchObject({ duration_seconds: 4.3, cause: "pipe", score: 2, flaps: 9, game_number: 1 });
  });
});
