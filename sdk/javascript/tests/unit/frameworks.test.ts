import { act, render, renderHook } from "@testing-library/react";
import { createElement, StrictMode } from "react";
import { get } from "svelte/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, defineComponent, h, nextTick } from "vue";
import { createMemoryHistory, createRouter, createWebHistory } from "vue-router";
import type { Tidemark } from "../../src/index.js";

/** What the server has got, and what it says about flags. */
let events: { event_name: string; event_id: string; properties: Record<string, unknown> }[];
let flags: Record<string, { enabled: boolean; variant?: string }>;
let streams: { onmessage?: () => void }[];
let tidemark: Tidemark;
const options = { project: "pk_test", apiUrl: "https://stats.example" };

// Each test has a page of its own: the frameworks share the page's one Tidemark.
beforeEach(async () => {
  vi.resetModules();
  localStorage.clear();
  [events, streams, flags] = [[], [], { color: { enabled: true, variant: "red" } }];
  vi.stubGlobal("fetch", (url: URL | string, { body }: { body: string }) => {
    if (String(url).includes("/flags/")) return Promise.resolve(Response.json({ flags }));
    events.push(...(JSON.parse(body) as { events: typeof events }).events);
    return Promise.resolve(Response.json({ results: [] }, { status: 202 }));
  });
  vi.stubGlobal("EventSource", function (this: (typeof streams)[0]) { streams.push(this); });
  ({ default: tidemark } = await import("@tidemark/browser"));
});
afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

async function recorded(): Promise<string[]> {
  await tidemark.flush();
  return events.map((event) => event.event_name);
}

/** Somebody changes a flag: the server says so, and the page asks again. */
function changeFlag(variant: string): void {
  flags = { color: { enabled: true, variant } };
  for (const stream of streams) stream.onmessage?.();
}

describe("React", () => {
  it("starts once, also when components are mounted twice, and records from any of them", async () => {
    const { useTidemark } = await import("../../src/frameworks/react.js");
    const Shop = (): null => {
      useTidemark(options);
      return null;
    };
    render(createElement(StrictMode, null, createElement(Shop), createElement(Shop)));
    renderHook(() => useTidemark()).result.current.event("basket");
    expect(await recorded()).toEqual(["page_view", "basket"]);
  });

  it("renders again when a flag changes, and not after the component is gone", async () => {
    const { useFlag, useTidemark } = await import("../../src/frameworks/react.js");
    const { result, unmount } = renderHook(() => {
      useTidemark(options);
      return useFlag("color");
    });
    expect(result.current).toBeUndefined();
    await vi.waitFor(() => { expect(result.current).toBe("red"); });
    act(() => { changeFlag("blue"); });
    await vi.waitFor(() => { expect(result.current).toBe("blue"); });
    unmount();
    changeFlag("green");
    await tidemark.load("flags");
    expect(result.current).toBe("blue");
  });
});

describe("Next", () => {
  it("is a component that draws nothing and starts Tidemark in the browser only", async () => {
    const { TidemarkAnalytics } = await import("../../src/frameworks/next.js");
    const { renderToString } = await import("react-dom/server");
    expect(renderToString(createElement(TidemarkAnalytics, options))).toBe("");
    expect(await recorded()).toEqual([]);
    expect(render(createElement(TidemarkAnalytics, options)).container.innerHTML).toBe("");
    expect(await recorded()).toEqual(["page_view"]);
  });
});

describe("Vue", () => {
  it("records the routes of its router, and has Tidemark in templates and components", async () => {
    const { createTidemarkPlugin, useTidemark } = await import("../../src/frameworks/vue.js");
    const component = { template: "", render: () => null };
    const router = createRouter({ history: createWebHistory(), routes: ["/", "/start", "/list"].map((path) => ({ path, component })) });
    const app = createApp({ render: () => null }).use(router).use(createTidemarkPlugin(options));
    app.mount(document.createElement("div"));
    await router.push("/list");
    await new Promise((resolve) => setTimeout(resolve));
    (app.config.globalProperties.$tidemark as Tidemark).event("global");
    useTidemark().event("composed");
    expect(await recorded()).toEqual(["page_view", "page_view", "global", "composed"]);
    expect(events[1]?.properties.path).toBe("/list");
    app.unmount();
  });

  it("follows a flag as long as the component lives", async () => {
    const { createTidemarkPlugin, useFlag } = await import("../../src/frameworks/vue.js");
    const view = document.createElement("div");
    const app = createApp(defineComponent({
      setup() {
        const color = useFlag("color");
        return () => h("p", String(color.value));
      },
    })).use(createTidemarkPlugin(options));
    app.mount(view);
    expect(view.textContent).toBe("undefined");
    await vi.waitFor(() => { expect(view.textContent).toBe("red"); });
    changeFlag("blue");
    await vi.waitFor(() => { expect(view.textContent).toBe("blue"); });
    app.unmount();
    changeFlag("green");
    await nextTick();
  });
});

describe("Nuxt", () => {
  it("starts with the app and provides Tidemark", async () => {
    const { tidemarkPlugin } = await import("../../src/frameworks/nuxt.js");
    const vueApp = createApp({ render: () => null }).use(createRouter({ history: createMemoryHistory(), routes: [] }));
    const { provide } = tidemarkPlugin(options)({ vueApp });
    provide.tidemark.event("provided");
    expect(await recorded()).toEqual(["page_view", "provided"]);
  });
});

describe("SvelteKit", () => {
  it("starts in the browser, and has flags as stores", async () => {
    const { flag, startTidemark } = await import("../../src/frameworks/sveltekit.js");
    startTidemark(options);
    const color = flag("color");
    const seen: unknown[] = [];
    const stop = color.subscribe((value) => seen.push(value));
    await vi.waitFor(() => { expect(seen).toEqual([undefined, "red"]); });
    changeFlag("blue");
    await vi.waitFor(() => { expect(seen.at(-1)).toBe("blue"); });
    stop();
    expect(get(color)).toBe("blue");
    expect((await recorded())[0]).toBe("page_view");
  });
});

describe("Astro", () => {
  it("puts a script into every page that starts Tidemark", async () => {
    const { default: integration } = await import("../../src/frameworks/astro.js");
    const scripts: string[] = [];
    const quoted = { ...options, source: 'a "shop"' };
    integration(quoted).hooks["astro:config:setup"]({ injectScript: (stage, content) => scripts.push(stage, content) });
    const [stage, content = ""] = scripts;
    expect(stage).toBe("page");
    const started = /^import tidemark from "@tidemark\/browser";\ntidemark\.init\((.*)\);$/.exec(content)?.[1];
    expect(JSON.parse(started ?? "")).toEqual(quoted);
  });
});
