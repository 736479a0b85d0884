/**
 * What the game tells Tidemark: one function per event, so that names and properties stand in one place.
 *
 * @import { Game, Direction } from "./rules.js"
 * @import { Report } from "../common/connection.js"
 */

/** Of this many changes of direction one is reported; `sample_rate` lets a report scale it up again. */
const ONE_IN = 5;

/**
 * @param {Report} report
 * @param {() => number} now  Milliseconds.
 */
export function createAnalytics(report, now) {
  let turns = 0;
  let games = 0;
  let startedAt = 0;
  let pausedAt = 0;
  let pausedFor = 0;

  /** Seconds of play, pauses not counted. */
  const seconds = () => Math.round((now() - startedAt - pausedFor) / 100) / 10;

  return {
    appOpened() {
      const { userAgent, language } = navigator;
      report("app_opened", {
        browser: userAgent,
        language,
        screen_width: screen.width,
        screen_height: screen.height,
        viewport_width: innerWidth,
        viewport_height: innerHeight,
        pixel_ratio: devicePixelRatio,
        touch: navigator.maxTouchPoints > 0,
      });
    },

    /** @param {number} highScore @param {string} control */
    gameStarted(highScore, control) {
      games += 1;
      startedAt = now();
      pausedFor = 0;
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
      report("food_eaten", { score: game.score, length: game.snake.length, seconds: seconds() });
    },

    /** @param {Game} game @param {string} reason */
    gamePaused(game, reason) {
      pausedAt = now();
      report("game_paused", { score: game.score, seconds: seconds(), reason });
    },

    /** @param {Game} game */
    gameResumed(game) {
      const pause = now() - pausedAt;
      pausedFor += pause;
      report("game_resumed", { score: game.score, paused_seconds: Math.round(pause / 100) / 10 });
    },

    /** @param {Game} game */
    gameOver(game) {
      report("game_over", {
        score: game.score,
        length: game.snake.length,
        duration_seconds: seconds(),
        cause: game.over,
        foods: game.foods,
        game_number: games,
      });
    },

    /** @param {number} score @param {number} before */
    highScoreAchieved(score, before) {
      report("high_score_achieved", { score, previous_high_score: before, improvement: score - before });
    },

    tabHidden() {
      report("tab_hidden", { games_played: games });
    },

    tabVisible() {
      report("tab_visible", { games_played: games });
    },

    pageUnload() {
      report("page_unload", { games_played: games, seconds_on_page: Math.round(performance.now() / 1000) });
    },
  };
}
