import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { install } from "../../src/tidemark.js";
import { load, Page, pass } from "./page.js";
import { freshPages } from "./setup.js";

freshPages();
let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => {
  Reflect.deleteProperty(window, "tidemark");
  Reflect.deleteProperty(window, "tracker");
});

function scriptTag(attributes: Record<string, string>): HTMLScriptElement {
  const script = document.createElement("script");
  script.setAttribute("src", "https://stats.example/static/sdk/sdk.min.js");
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  return script;
}

describe("the script tag", () => {
  it("is all a page needs", async () => {
    install(scriptTag({ "data-project": "pk_tag" }), load);
    window.tracker.event("button_click", { button_id: "signup" });
    await pass(2_000);
    expect(page.names).toEqual(["page_view", "button_click"]);
    expect(page.received[0]).toMatchObject({ url: "https://stats.example/api/v1/events/ingest", api_key: "pk_tag" });
    expect(window.tidemark).toBe(window.tracker);
  });

  it("understands every attribute", async () => {
    install(
      scriptTag({
        "data-project": "pk_tag",
        "data-api-url": "https://other.example:8443",
        "data-endpoint": "/collect",
        "data-source": "docs",
        "data-auto-page-view": "false",
        "data-persistence": "memory",
      }),
      load,
    );
    window.tidemark.event("a");
    await pass(2_000);
    expect(page.names).toEqual(["a"]);
    expect(page.received[0]?.url).toBe("https://other.example:8443/collect");
    expect(page.last.source).toBe("docs");
    expect(localStorage).toHaveLength(0);
  });

  it("keeps calls made before the SDK was there", async () => {
    (window as { tidemark: unknown }).tidemark = [["event", "early", { n: 1 }], ["nonsense"], ["identify", "user-1"]];
    install(scriptTag({ "data-project": "pk_tag", "data-auto-page-view": "false" }), load);
    window.tidemark.push(["event", "late"]);
    await pass(2_000);
    expect(page.names).toEqual(["early", "$identify", "late"]);
  });

  it("without a key waits for init and keeps the calls", async () => {
    install(scriptTag({}), load);
    window.tidemark.event("early");
    await pass(5_000);
    expect(page.received).toHaveLength(0);
    expect(window.tidemark.stats().waiting).toBe(1);
    window.tidemark.init({ project: "pk_later", autoPageView: false });
    await pass(2_000);
    expect(page.names).toEqual(["early"]);
    expect(page.received[0]?.url).toBe("https://shop.example/api/v1/events/ingest");
  });

  it("included twice records once", async () => {
    install(scriptTag({ "data-project": "pk_tag" }), load);
    install(scriptTag({ "data-project": "pk_tag" }), load);
    await pass(2_000);
    expect(page.names).toEqual(["page_view"]);
  });
});
