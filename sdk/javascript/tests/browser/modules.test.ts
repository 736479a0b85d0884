import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchChromium } from "./chromium.js";
import { TestServer } from "./server.js";

let browser: Browser;
let page: Page;
let server: TestServer;
let site: string;

// One page of a shop for all: each module records events of its own.
beforeAll(async () => {
  server = new TestServer();
  site = await server.start();
  server.pages.set("/shop", {
    html: `<!doctype html><title>Shop</title><script src="/static/sdk/sdk.min.js" data-project="pk_test"
      data-modules="links, engagement, forms, vitals, autocapture" data-auto-page-view="false"></script>
      <a id="out" href="https://elsewhere.example/path?q=1#secret">Elsewhere</a> <a id="file" href="/price%20list.PDF">Prices</a>
      <a id="in" href="#top">Top</a> <button id="buy" name="buy">Buy <b>hats</b></button>
      <button data-tidemark-ignore>Private</button>
      <form id="order" name="order" action="/order?x=1"><input name="email"><button>Send</button></form>
      <div style="height: 3000px"></div>`,
  });
  server.pages.set("/away", { html: "<title>Away</title>" });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.goto(site + "/shop");
  await page.evaluate(async () => {
    // Nothing of the page leaves it; the SDK has seen the event before.
    document.addEventListener("submit", (event) => { event.preventDefault(); });
    document.addEventListener("click", (event) => { if ((event.target as Element).closest("a")) event.preventDefault(); });
    await Promise.all((["links", "engagement", "forms", "vitals", "autocapture"] as const).map((name) => window.tidemark.load(name)));
  });
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function recorded(name: string, count: number): Promise<Record<string, unknown>[]> {
  await page.evaluate(() => window.tidemark.flush());
  const all = (): Record<string, unknown>[] => {
    const once = new Map(server.requests.flatMap((request) => request.events).map((event) => [event.event_id, event]));
    return [...once.values()].filter((event) => event.event_name === name).map((event) => event.properties);
  };
  await vi.waitFor(() => { expect(all().length).toBeGreaterThanOrEqual(count); }, { timeout: 5_000, interval: 50 });
  return all();
}

it("records clicks on links to other sites and to files, and no others", async () => {
  for (const id of ["out", "file", "in"]) await page.click("#" + id);
  expect(await recorded("outbound_click", 1)).toEqual([{ url: "https://elsewhere.example/path?q=1", link_text: "Elsewhere" }]);
  expect(await recorded("file_download", 1)).toEqual([{ url: site + "/price%20list.PDF", link_text: "Prices", file_extension: "pdf" }]);
});

it("records that a form was begun once and sent, and nothing of what was entered", async () => {
  await page.fill("input", "somebody@example.org");
  await page.fill("input", "else@example.org");
  await page.press("input", "Enter");
  const form = { form_id: "order", form_name: "order", form_action: site + "/order" };
  expect(await recorded("form_submit", 1)).toEqual([form]);
  expect(await recorded("form_start", 1)).toEqual([form]);
  expect(JSON.stringify(server.requests)).not.toContain("else@example.org");
});

it("records clicks on what can be clicked, but not what the page excludes", async () => {
  await page.click("#buy b");
  await page.click("[data-tidemark-ignore]");
  await page.click("body", { position: { x: 5, y: 700 } });
  const clicks = await recorded("element_click", 1);
  expect(clicks.filter((click) => click.element === "button" && click.element_id)).toEqual([
    { element: "button", element_id: "buy", element_name: "buy", element_text: "Buy hats" },
  ]);
  expect(JSON.stringify(clicks)).not.toContain("Private");
});

it("records how far a page was scrolled and how long it was seen, and its vitals", async () => {
  await page.evaluate(() => { scrollTo(0, 1_000_000); });
  await page.waitForFunction(() => scrollY > 1_000);
  await page.waitForTimeout(300);
  await page.goto(site + "/away");
  await vi.waitFor(() => { expect(server.find("$pageleave")).toBeDefined(); });
  const properties = server.find("$pageleave")?.properties;
  expect(properties).toMatchObject({ path: "/shop", scroll_depth: 100 });
  expect(properties?.engagement_seconds).toBeGreaterThan(0.2);
  expect(properties?.engagement_seconds).toBeLessThan(60);
  const vitals = server.requests.flatMap((request) => request.events).filter((event) => event.event_name === "$web_vitals");
  expect(new Set(vitals.map((event) => event.properties.metric))).toEqual(new Set(["TTFB", "FCP", "LCP", "CLS", "INP"]));
  for (const { properties: { value } } of vitals) expect(value).toBeGreaterThanOrEqual(0);
});
