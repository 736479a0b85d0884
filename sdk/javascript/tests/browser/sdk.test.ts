import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { launchChromium } from "./chromium.js";
import { TestServer } from "./server.js";

let browser: Browser;
let context: BrowserContext;
let server: TestServer;
let api: string;
let site: string;
let other: TestServer;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

// Two servers: the pages come from another origin than the service, as with a real site.
beforeEach(async () => {
  server = new TestServer();
  other = new TestServer();
  api = await server.start();
  site = await other.start();
  context = await browser.newContext();
  const html = `<!doctype html><title>Shop</title><script src="${api}/static/sdk/sdk.min.js" data-project="pk_test" data-auto-page-view="false"></script>`;
  other.pages.set("/shop", { html });
  other.pages.set("/away", { html: "<title>Away</title>" });
});
afterEach(async () => {
  await context.close();
  await server.stop();
  await other.stop();
});

async function openShop(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site + "/shop");
  return page;
}

/** Records numbered events and answers their names. */
async function record(page: Page, from: number, to: number): Promise<string[]> {
  const names = Array.from({ length: to - from }, (_, n) => `event ${from + n}`);
  await page.evaluate((all) => {
    for (const name of all) window.tidemark.event(name);
  }, names);
  return names;
}

async function untilHeld(names: string[], seconds = 20): Promise<void> {
  await vi.waitFor(() => { expect([...server.names].sort()).toEqual([...names].sort()); }, { timeout: seconds * 1_000, interval: 100 });
}

it("sends across origins without asking permission first", async () => {
  const page = await openShop();
  const names = await record(page, 0, 3);
  await untilHeld(names);
  expect(server.requests.map((request) => [request.method, request.contentType])).toEqual([["POST", "text/plain;charset=UTF-8"]]);
  expect(await context.cookies()).toEqual([]);
});

it("loses nothing to errors, time-outs and broken connections, and resends under the same ids", async () => {
  const page = await openShop();
  server.mishaps = [{ status: 503 }, "cut", { status: 429, retryAfter: 1 }, "cut"];
  const names = await record(page, 0, 35);
  await page.waitForTimeout(3_000);
  names.push(...(await record(page, 35, 60)));
  await untilHeld(names, 40);
  expect(server.held).toHaveLength(60);
  expect(new Set(server.requests.flatMap((request) => request.events.map((event) => event.event_id))).size).toBe(60);
  expect(server.requests.filter((request) => request.answered !== 202)).toHaveLength(4);
});

it("delivers the last events of a closed page, once", async () => {
  const page = await openShop();
  const names = await record(page, 0, 3);
  await page.close({ runBeforeUnload: true });
  await untilHeld(names, 5);
  expect(server.held).toHaveLength(3);
});

it("delivers the events of a page that is closed before its modules have loaded, once", async () => {
  const page = await context.newPage();
  await page.route("**/modules/*", () => undefined);
  await page.goto(site + "/shop");
  const names = await record(page, 0, 30);
  await page.close({ runBeforeUnload: true });
  await untilHeld(names, 5);
  await openShop();
  await untilHeld(names, 5);
});

it("delivers the last events of a page that navigates away, and those of its own pagehide", async () => {
  const page = await openShop();
  const names = await record(page, 0, 4);
  await page.evaluate(() => {
    addEventListener("pagehide", () => { window.tidemark.event("page_unload"); });
  });
  await page.goto(site + "/away");
  await untilHeld([...names, "page_unload"], 5);
  expect(server.held).toHaveLength(5);
});

it("keeps unsent events over a reload", async () => {
  server.outage = { status: 503, retryAfter: 2 };
  const page = await openShop();
  const names = await record(page, 0, 12);
  await vi.waitFor(() => { expect(server.requests.length).toBeGreaterThan(0); });
  await page.reload();
  server.outage = null;
  await untilHeld(names);
  const ids = server.requests.flatMap((request) => request.events.map((event) => event.event_id));
  expect(new Set(ids).size).toBe(12);
});

it("keeps the events of two tabs apart during an outage, then delivers both", async () => {
  server.outage = "cut";
  const one = await openShop();
  const two = await openShop();
  const names = [...(await record(one, 0, 5)), ...(await record(two, 5, 11))];
  await one.waitForTimeout(3_000);
  await one.close({ runBeforeUnload: true });
  await two.close({ runBeforeUnload: true });
  server.outage = null;
  await openShop();
  await untilHeld(names);
});

async function untilStored(page: Page): Promise<void> {
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.includes(":unsent:")));
}

it("leaves the events of a running tab to it, and sends them from another when it is closed", async () => {
  server.outage = { status: 503, retryAfter: 600 };
  const one = await openShop();
  const names = await record(one, 0, 12);
  await untilStored(one);
  server.outage = null;
  const two = await openShop();
  await two.evaluate(async () => {
    window.tidemark.event("of two");
    await window.tidemark.flush();
  });
  expect(server.names).toEqual(["of two"]);
  await one.close({ runBeforeUnload: true });
  await untilHeld(["of two", ...names], 10);
  expect(server.names).toEqual(["of two", ...names]);
  expect(server.held).toHaveLength(13);
});

it("sends from an older tab what a newer one leaves", async () => {
  const old = await openShop();
  server.outage = { status: 503, retryAfter: 600 };
  const newer = await openShop();
  const names = await record(newer, 0, 12);
  await untilStored(old);
  // Until it knows that it has to wait, it would send them when it is closed, too.
  await newer.evaluate(() => window.tidemark.flush());
  server.outage = null;
  await newer.close({ runBeforeUnload: true });
  await untilHeld(names, 10);
  expect(server.names).toEqual(names);
  expect(server.held).toHaveLength(12);
});

it("deletes what a closed tab leaves when the visitor has opted out", async () => {
  server.outage = { status: 503, retryAfter: 600 };
  const one = await openShop();
  const two = await openShop();
  await record(one, 0, 3);
  await one.evaluate(() => window.tidemark.flush());
  await untilStored(two);
  server.outage = null;
  await two.evaluate(() => { window.tidemark.optOut(); });
  await one.close({ runBeforeUnload: true });
  await two.waitForFunction(() => !Object.keys(localStorage).some((key) => key.includes(":unsent:")));
  await two.evaluate(() => window.tidemark.flush());
  expect(server.names).toEqual([]);
});

it("delivers 10,000 events of an hour offline, each once and in order", async () => {
  const page = await openShop();
  await context.setOffline(true);
  const names = await record(page, 0, 10_000);
  await page.evaluate(() => window.tidemark.flush());
  await context.setOffline(false);
  await vi.waitFor(() => { expect(server.held).toHaveLength(10_000); }, { timeout: 60_000, interval: 250 });
  expect(server.names).toEqual(names);
  expect(await page.evaluate(() => window.tidemark.stats())).toMatchObject({ waiting: 0, lost: 0 });
});

it("takes the network's word when the connection is back", async () => {
  const page = await openShop();
  await context.setOffline(true);
  const names = await record(page, 0, 12);
  await page.waitForTimeout(8_000);
  await context.setOffline(false);
  await untilHeld(names, 3);
});

it("sends under its second name where a blocker knows the usual one, and again after a module has failed", async () => {
  other.pages.set("/blocked", { html: `<title>Shop</title><script src="${api}/m/in.js?v=2" data-project="pk_test"></script>` });
  const page = await context.newPage();
  await page.route("**/static/**", (route) => route.abort());
  await page.route("**/m/in.js/delivery.js", (route) => route.fulfill({ status: 503 }));
  const failed = page.waitForResponse("**/m/in.js/delivery.js");
  await page.goto(site + "/blocked");
  await failed;
  // Under the address that has failed it would not be asked for again.
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await untilHeld(["page_view"]);
});

it("works in a frame without storage", async () => {
  const inner = `<script src="${api}/static/sdk/sdk.min.js" data-project="pk_test"></script>`;
  other.pages.set("/frame", { html: `<iframe sandbox="allow-scripts" srcdoc='${inner}'></iframe>` });
  const page = await context.newPage();
  await page.goto(site + "/frame");
  await untilHeld(["page_view"]);
});

it.each(["its origin", "a nonce"])("runs under a strict content security policy that names %s, and keeps calls made before it loads", async (named) => {
  const source = named === "a nonce" ? "'nonce-once'" : `'self' ${api}`;
  const policy = `default-src 'none'; script-src ${source}; connect-src ${api}`;
  other.pages.set("/stub.js", { html: 'window.tidemark = []; tidemark.push(["event", "early", {n: 1}]);' });
  other.pages.set("/strict", {
    html: `<script nonce="once" src="/stub.js"></script><script nonce="once" async src="${api}/static/sdk/sdk.min.js" data-project="pk_test" data-source="strict"></script>`,
    headers: { "Content-Security-Policy": policy },
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(site + "/strict");
  await untilHeld(["early", "page_view"]);
  expect(problems).toEqual([]);
  expect(server.find("early")?.source).toBe("strict");
});

it("records routes that an app enters before any module has loaded", async () => {
  const start = `["/one", "/two", "/three"].forEach((route, n) => setTimeout(() => { document.title = route; history.pushState({}, "", route); }, 20 * n));`;
  other.pages.set("/app", { html: `<title>App</title><script src="${api}/static/sdk/sdk.min.js" data-project="pk_test"></script><script>${start}</script>` });
  const page = await context.newPage();
  await page.route("**/modules/*", (route) => route.abort());
  await page.goto(site + "/app");
  await page.waitForFunction(() => window.tidemark.stats().waiting === 4);
  await page.unroute("**/modules/*");
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await untilHeld(["page_view", "page_view", "page_view", "page_view"]);
  const views = server.requests.flatMap((request) => request.events);
  expect(views.map(({ properties }) => properties.path)).toEqual(["/app", "/one", "/two", "/three"]);
  expect(views.map(({ properties }) => properties.title)).toEqual(["App", "/one", "/two", "/three"]);
  expect(views.map(({ referrer }) => referrer)).toEqual(["", ...["/app", "/one", "/two"].map((path) => site + path)]);
});

it("follows the routes of a single-page app", async () => {
  other.pages.set("/app", { html: `<title>App</title><script src="${api}/static/sdk/sdk.js" data-project="pk_test"></script>` });
  const page = await context.newPage();
  await page.goto(site + "/app");
  await page.evaluate(() => { history.pushState({}, "", "/app/list"); });
  await page.waitForTimeout(50);
  await page.evaluate(() => { history.replaceState({}, "", "/app/list#row"); });
  await page.goBack();
  await untilHeld(["page_view", "page_view", "page_view"]);
  const paths = server.requests.flatMap((request) => request.events.map((event) => event.properties.path));
  expect(paths).toEqual(["/app", "/app/list", "/app"]);
});
