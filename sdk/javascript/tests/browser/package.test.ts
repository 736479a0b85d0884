import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { build } from "vite";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { launchChromium } from "./chromium.js";
import { TestServer } from "./server.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
let app: string;

/** An app that has the package as npm would install it. */
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), "app-"));
  const installed = join(app, "node_modules/@tidemark/browser");
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
  for (const name of ["@types", "react", "react-dom", "svelte", "vue"]) symlinkSync(join(root, "node_modules", name), join(app, "node_modules", name));
});
afterAll(() => {
  rmSync(app, { recursive: true });
});

function run(file: string, text: string): string {
  writeFileSync(join(app, file), text);
  return execFileSync(process.execPath, [join(app, file)], { encoding: "utf8" }).trim();
}

it("can be imported and required, on a server too, where it records nothing", () => {
  const use = "tidemark.event('a'); console.log(typeof tidemark.identify, tidemark.stats().waiting);";
  expect(run("esm.mjs", `import tidemark from "@tidemark/browser"; ${use}`)).toBe("function 1");
  expect(run("cjs.cjs", `const { default: tidemark } = require("@tidemark/browser"); ${use}`)).toBe("function 1");
});

it("has the modules that it loads, from both", () => {
  const load = 'import("@tidemark/browser/modules/delivery").then((module) => console.log(typeof module.start));';
  expect(run("load.mjs", load)).toBe("function");
  expect(run("load.cjs", load)).toBe("function");
});

it("has an entry for each framework, which shares the Tidemark of the package", () => {
  const entries = ["react", "next", "vue", "nuxt", "sveltekit", "astro", "react-native"];
  const load = `const all = await Promise.all(${JSON.stringify(entries)}.map((name) => import("@tidemark/browser/" + name)));
    const { useTidemark } = all[2];
    console.log(all.flatMap(Object.keys).join(), useTidemark() === (await import("@tidemark/browser")).default);`;
  expect(run("frameworks.mjs", load)).toBe(
    "useFlag,useTidemark,TidemarkAnalytics,useFlag,useTidemark,createTidemarkPlugin,useFlag,useTidemark,tidemarkPlugin,useFlag,useTidemark,flag,startTidemark,default,createTidemark true",
  );
});

/** The errors that the compiler finds in a file of the app, such as `wrong.mts(4,11): error TS2322`. */
function errorsIn(file: string, text: string): string[] {
  writeFileSync(join(app, file), text);
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, module: "nodenext", lib: ["es2020", "dom"], types: [] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  try {
    execFileSync(process.execPath, [compiler, "-p", app], { cwd: app, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout.match(/^\S+: error TS\d+/gm) ?? [];
  }
  return [];
}

it.each(["esm.mts", "cjs.cts"])("has types for TypeScript in %s", (file) => {
  const text = `import { createTidemark, type Options } from "@tidemark/browser";
    const options: Options = { project: "pk_test" };
    const wrong: number = createTidemark().distinctId();
    createTidemark().init(options);\n`;
  expect(errorsIn(file, text)).toEqual([`${file}(3,11): error TS2322`]);
});

it("has types of the entries for frameworks", () => {
  const text = `import { TidemarkAnalytics } from "@tidemark/browser/next";
    import { useFlag as flagOfReact, useTidemark } from "@tidemark/browser/react";
    import { createTidemarkPlugin, useFlag as flagOfVue } from "@tidemark/browser/vue";
    import { tidemarkPlugin } from "@tidemark/browser/nuxt";
    import { flag, startTidemark } from "@tidemark/browser/sveltekit";
    import astro from "@tidemark/browser/astro";
    import { createTidemark } from "@tidemark/browser/react-native";
    const options = { project: "pk_test" };
    TidemarkAnalytics(options);
    startTidemark(options);
    createTidemarkPlugin(options);
    tidemarkPlugin(options);
    astro(options);
    useTidemark(options).event("a");
    flag("a").subscribe((value) => value === true);
    const wrong: number[] = [flagOfReact("a"), flagOfVue("a"), createTidemark(1)];\n`;
  // The three wrong values of the last line, and nothing else.
  expect(new Set(errorsIn("entries.mts", text).map((error) => error.slice(0, 14)))).toEqual(new Set(["entries.mts(16"]));
});

const APPS = {
  React: `import { createElement } from "react";
    import { createRoot } from "react-dom/client";
    import { useTidemark } from "@tidemark/browser/react";
    const options = { project: "pk_test", source: "React" };
    function App() {
      const tidemark = useTidemark(options);
      return createElement("button", { onClick: () => tidemark.event("clicked") }, "Click");
    }
    createRoot(document.getElementById("app")).render(createElement(App));`,
  Vue: `import { createApp, h } from "vue";
    import { createTidemarkPlugin, useTidemark } from "@tidemark/browser/vue";
    const App = { setup: () => () => h("button", { onClick: () => useTidemark().event("clicked") }, "Click") };
    createApp(App).use(createTidemarkPlugin({ project: "pk_test", source: "Vue" })).mount("#app");`,
};

it.each(["React", "Vue"] as const)("records from an app that Vite has built with %s", async (name) => {
  const folder = join(app, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "index.html"), '<!doctype html><title>App</title><div id="app"></div><script type="module" src="/main.js"></script>');
  writeFileSync(join(folder, "main.js"), APPS[name]);
  await build({ root: folder, logLevel: "error" });
  const server = new TestServer();
  for (const path of readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" }).filter((one) => one.includes("."))) {
    server.pages.set(`/${path}`, { html: readFileSync(join(folder, "dist", path), "utf8") });
  }
  const site = await server.start();
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.goto(`${site}/index.html`);
  await page.click("button");
  await vi.waitFor(() => { expect(server.names).toEqual(["page_view", "clicked"]); }, { timeout: 20_000, interval: 100 });
  expect(server.find("clicked")?.source).toBe(name);
  await browser.close();
  await server.stop();
});
