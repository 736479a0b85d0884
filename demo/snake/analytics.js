/**
 * What the game tells Tidemark: one function per event, so that names and properties stand in one place.
 *
 * @import { Game, Direction } from "./rules.js"
 * @import { Report } from "../common/connection.js"
 */

import { playTime } from "../common/play_time.js";

/** Of this many changes of direction one is reported; `sample_rate` lets a report scale it up again. */
const ONE_IN = 5;

/**
 * @param {Report} report
 * @param {() => number} now  Milliseconds.
 */
export function createAnalytics(report, now) {
  const time = playTime(now);
  let turns = 0;
  let games = 0;

  return {
    gamesPlayed: () => games,

    /** @param {number} highScore @param {string} control */
    gameStarted(highScore, control) {
      games += 1;
      time.start();
      report("game_started", { game_number: games, high_score: highScore, control });
    },

    /** @param {Game} game @param {Direction} direction @param {string} control */
    directionChanged(game, direction, control) {
      turns += 1;
      if (turns % ONE_IN !== 1) return;
      report("direction_changed", { direction, from: game.direction, score: game.score, control, sample_rate: 1 / ONE_IN });
    },

    /** @param {Game} game */
    foodEaten(game) {
      report("food_eaten", { score: game.score, length: game.snake.length, seconds: time.seconds() });
    },

    /** @param {Game} game @param {string} reason */
    gamePaused(game, reason) {
      time.pause();
      report("game_paused", { score: game.score, seconds: time.seconds(), reason });
    },

    /** @param {Game} game */
    gameResumed(game) {
      report("game_resumed", { score: game.score, paused_seconds: time.resume() });
    },

    /** @param {Game} game */
    gameOver(game) {
      report("game_over", {
        score: game.score,
        length: game.snake.length,
        duration_seconds: time.seconds(),
        cause: game.over,
        foods: game.foods,
        game_number: games,
      });
    },

    /** @param {number} score @param {number} before */
    highScoreAchieved(score, before) {
      report("high_score_achieved", { score, previous_high_score: before, improvement: score - before });
    },
  };
}
