/**
 * What the game tells Tidemark: one function per event, so that names and properties stand in one place.
 *
 * @import { Report } from "../common/connection.js"
 * @import { Game } from "./rules.js"
 */

import { playTime } from "../common/play_time.js";
import { GROUND_Y, HEDGEHOG_X, nextPipe, speed } from "./rules.js";

/** Of this many flaps one is reported; `sample_rate` lets a report scale it up again. */
const ONE_IN = 5;

/**
 * @param {Report} report
 * @param {() => number} now  Milliseconds.
 */
export function createAnalytics(report, now) {
  const time = playTime(now);
  let flaps = 0;
  let games = 0;

  return {
    gamesPlayed: () => games,

    /** @param {Game} game @param {number} highScore @param {string} control @param {string} gap */
    gameStarted(game, highScore, control, gap) {
      games += 1;
      time.start();
      report("game_started", {
        game_number: games,
        high_score: highScore,
        control,
        gap,
        gap_height: game.gapHeight,
        speed: speed(game),
      });
    },

    /** @param {Game} game @param {string} control */
    hedgehogFlap(game, control) {
      flaps += 1;
      if (flaps % ONE_IN !== 1) return;
      const pipe = nextPipe(game);
      report("hedgehog_flap", {
        height: height(game),
        velocity: rounded(-game.velocity),
        score: game.score,
        pipe_distance: pipe ? rounded(pipe.x - HEDGEHOG_X) : null,
        above_gap: pipe ? rounded(pipe.gap - game.y) : null,
        control,
        sample_rate: 1 / ONE_IN,
      });
    },

    /** @param {Game} game */
    pipePassed(game) {
      report("pipe_passed", { score: game.score, height: height(game), speed: rounded(speed(game)), seconds: time.seconds() });
    },

    /** @param {Game} game @param {string} reason */
    gamePaused(game, reason) {
      report("game_paused", { score: game.score, seconds: time.seconds(), reason });
      time.pause();
    },

    /** @param {Game} game */
    gameResumed(game) {
      report("game_resumed", { score: game.score, paused_seconds: time.resume() });
    },

    /** @param {Game} game @param {string} gap */
    gameOver(game, gap) {
      report("game_over", {
        score: game.score,
        duration_seconds: time.seconds(),
        cause: game.over,
        flaps: game.flaps,
        height: height(game),
        distance: rounded(game.distance),
        gap,
        game_number: games,
      });
    },

    /** @param {number} score @param {number} before */
    highScoreAchieved(score, before) {
      report("high_score_achieved", { score, previous_high_score: before, improvement: score - before });
    },
  };
}

/** Units above the ground. @param {Game} game */
function height(game) {
  return rounded(GROUND_Y - game.y);
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value * 10) / 10;
}
