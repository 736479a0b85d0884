import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { launchChromium } from "./chromium.js";
import { TestServer } from "./server.js";

let browser: Browser;
let page: Page;
let server: TestServer;
let site: string;
let problems: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  server = new TestServer();
  site = await server.start();
  server.pages.set("/demo/config.json", { html: '{"public_key": "pk_demo"}' });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  problems = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) problems.push(message.text()); });
  page.on("pageerror", (error) => problems.push(error.message));
});
afterEach(async () => {
  await page.context().close();
  await server.stop();
});

async function untilHeld(...names: string[]): Promise<void> {
  await vi.waitFor(() => { expect(server.names).toEqual(expect.arrayContaining(names)); }, { timeout: 10_000, interval: 100 });
}

const state = (): Promise<string | undefined> => page.evaluate(() => document.body.dataset.state);

async function cell(name: "head" | "food"): Promise<[number, number]> {
  const value = (await page.getAttribute("#board", `data-${name}`)) ?? "";
  const [x = NaN, y = NaN] = value.split(",").map(Number);
  return [x, y];
}

/** Steers towards the food until the score grows. The snake is still short, so it cannot be in its own way for long. */
async function eat(): Promise<void> {
  const before = await page.textContent("#score");
  for (let turns = 0; turns < 400 && (await page.textContent("#score")) === before; turns++) {
    const [[x, y], [foodX, foodY], direction] = [await cell("head"), await cell("food"), await page.getAttribute("#board", "data-direction")];
    const across = x === foodX ? null : x < foodX ? "ArrowRight" : "ArrowLeft";
    const along = y === foodY ? null : y < foodY ? "ArrowDown" : "ArrowUp";
    const sideways = direction === "left" || direction === "right";
    // Straight back is impossible: turn aside first.
    const wanted = sideways ? (along ?? across) : (across ?? along);
    const blocked = { left: "ArrowRight", right: "ArrowLeft", up: "ArrowDown", down: "ArrowUp" }[direction ?? "up"];
    if (wanted === blocked) await page.keyboard.press(sideways ? (y > 9 ? "ArrowUp" : "ArrowDown") : x > 9 ? "ArrowLeft" : "ArrowRight");
    else if (wanted) await page.keyboard.press(wanted);
    await page.waitForTimeout(15);
  }
  expect(await page.textContent("#score")).not.toBe(before);
}

it("plays a game of Snake and sends every event of it", async () => {
  await page.goto(site + "/demo/snake/?seed=123");
  expect(await state()).toBe("ready");
  expect(await page.locator("img").evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth > 0))).toBe(true);
  const food = await cell("food");
  await page.keyboard.press("Enter");
  expect(await state()).toBe("playing");
  await eat();
  expect(await page.textContent("#score")).toBe("10");
  await page.keyboard.press("p");
  expect(await state()).toBe("paused");
  await page.keyboard.press("Space");
  await vi.waitFor(async () => { expect(await state()).toBe("over"); }, { timeout: 20_000 });
  await untilHeld("app_opened", "game_started", "direction_changed", "food_eaten", "game_paused", "game_resumed", "game_over", "high_score_achieved");

  expect(server.find("game_over")).toMatchObject({ source: "snake-game", properties: { score: 10, length: 4, foods: 1, cause: "wall" } });
  expect(server.find("food_eaten")?.properties).toMatchObject({ score: 10, length: 4 });
  expect(server.find("direction_changed")?.properties.sample_rate).toBe(0.2);
  expect(server.find("high_score_achieved")?.properties).toMatchObject({ score: 10, previous_high_score: 0 });
  expect(await page.textContent("#best")).toBe("10");
  expect(await page.textContent("#status")).toMatch(/^Game over\. You ran into the wall\. Score 10, length 4\. New high score!/);

  await page.keyboard.press("Enter");
  expect(await state()).toBe("playing");
  expect(await cell("food")).toEqual(food);
  await vi.waitFor(async () => { expect(await page.textContent("#events-sent")).toBe(String(server.names.length)); }, { timeout: 5_000 });
  expect(Number(await page.textContent("#events-sent"))).toBeGreaterThan(8);

  await page.goto("about:blank");
  await untilHeld("page_unload");
  expect(server.names).not.toContain("tab_hidden");
  expect(new Set(server.held).size).toBe(server.held.length);
  expect(problems).toEqual([]);
});

it("pauses when the tab is hidden, and says so", async () => {
  await page.goto(site + "/demo/snake/");
  await page.keyboard.press("ArrowUp");
  expect(await state()).toBe("playing");
  // Headless Chromium never hides a tab by itself.
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    Object.defineProperty(document, "visibilityState", { configurable: true, value: "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  expect(await state()).toBe("paused");
  await untilHeld("tab_hidden", "tab_visible", "game_paused");
  expect(server.find("game_paused")?.properties.reason).toBe("tab_hidden");
});

it("is steered by swipes", async () => {
  const phone = await browser.newPage({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  await phone.goto(site + "/demo/snake/?seed=5");
  await phone.tap("#start");
  const box = await phone.locator("#board").boundingBox();
  if (!box) throw new Error("the board is not shown");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const session = await phone.context().newCDPSession(phone);
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
  await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x, y: y - 60 }] });
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await vi.waitFor(async () => { expect(await phone.getAttribute("#board", "data-direction")).toBe("up"); });
  expect(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await phone.context().close();
});

/** Flaps whenever the hedgehog is below the middle of the next gap. */
async function flyUntil(score: number): Promise<void> {
  await page.evaluate(async (wanted) => {
    const board = document.getElementById("board");
    while (document.body.dataset.state === "playing" && Number(document.getElementById("score")?.textContent) < wanted) {
      if (Number(board?.dataset.y) > Number(board?.dataset.gap) + 1.2) {
        dispatchEvent(new KeyboardEvent("keydown", { code: "Space" }));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await new Promise(requestAnimationFrame);
    }
  }, score);
}

it("plays a game of Flappy Hedgehog and sends every event of it", async () => {
  await page.goto(site + "/demo/flappy/?seed=3");
  expect(await state()).toBe("ready");
  await page.keyboard.press("Space");
  expect(await state()).toBe("playing");
  await flyUntil(2);
  // A machine that pauses while the hedgehog is in the air lets it fall.
  for (let games = 1; games < 5 && (await state()) === "over"; games++) {
    await page.keyboard.press("Enter");
    await flyUntil(2);
  }
  await page.keyboard.press("p");
  expect(await state()).toBe("paused");
  expect(await page.textContent("#score")).toBe("2");
  await page.keyboard.press("Enter");
  await vi.waitFor(async () => { expect(await state()).toBe("over"); }, { timeout: 20_000 });
  await untilHeld("app_opened", "game_started", "hedgehog_flap", "pipe_passed", "game_paused", "game_resumed", "game_over", "high_score_achieved");

  expect(server.find("game_started")).toMatchObject({ source: "flappy-hedgehog", properties: { control: "keyboard", gap: "usual", gap_height: 6.6 } });
  expect(server.find("game_over")?.properties).toMatchObject({ score: 2, gap: "usual" });
  expect(server.find("hedgehog_flap")?.properties).toMatchObject({ sample_rate: 0.2, control: "keyboard" });
  expect(server.find("pipe_passed")?.properties).toMatchObject({ score: 2 });
  expect(server.find("high_score_achieved")?.properties).toMatchObject({ score: 2 });
  expect(await page.textContent("#status")).toMatch(/^Game over\. You (flew into a pipe|fell to the ground)\. Score 2\. New high score!/);
  expect(await page.getAttribute("#sound", "aria-pressed")).toBe("false");

  await page.click("#start");
  expect(await state()).toBe("playing");
  await page.goto("about:blank");
  await untilHeld("page_unload");
  expect(server.names).not.toContain("tab_hidden");
  expect(new Set(server.held).size).toBe(server.held.length);
  // This server knows no flags: the game is played with the usual gap.
  expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
});

it("flaps by taps on a phone, and its page fits", async () => {
  const phone = await browser.newPage({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  await phone.goto(site + "/demo/flappy/?seed=5");
  await phone.tap("#start");
  await phone.tap("#board");
  await vi.waitFor(() => { expect(server.find("hedgehog_flap")?.properties).toMatchObject({ control: "touch" }); }, { timeout: 10_000 });
  expect(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await phone.context().close();
});

it("can be played without a key and says how to give one", async () => {
  server.pages.delete("/demo/config.json");
  await page.goto(site + "/demo/snake/");
  await vi.waitFor(async () => { expect(await page.textContent("#events-note")).toContain("Add ?key="); });
  await page.keyboard.press("Enter");
  expect(await state()).toBe("playing");
  expect(server.requests).toEqual([]);
});

it("sends what is typed into the form, and nothing that is wrong", async () => {
  await page.goto(site + "/demo/?key=pk_given");
  await page.fill("#event-properties", "[1, 2");
  await page.click("#capture-form button");
  expect(await page.textContent("#event-name-error")).toContain("Give the event a name");
  expect(await page.textContent("#event-properties-error")).toContain("not JSON");
  await page.fill("#event-name", "video_watched");
  await page.fill("#event-properties", '{"seconds": 42}');
  await page.click("#capture-form button");
  await page.click("#quick-events button >> nth=3");
  await untilHeld("page_view", "video_watched", "order_completed");
  expect(server.find("video_watched")).toMatchObject({ source: "sdk-demo", properties: { seconds: 42 } });
  expect(await page.inputValue("#event-name")).toBe("");
  expect(await page.locator("#event-log li").count()).toBe(2);
  await page.click("#snake-link");
  expect(page.url()).toBe(site + "/demo/snake/?key=pk_given");
  expect(problems).toEqual([]);
});
