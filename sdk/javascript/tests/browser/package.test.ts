import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let app: string;

/** An app that has the package as npm would install it. */
beforeAll(() => {
  app = mkdtempSync(join(tmpdir(), "app-"));
  const installed = join(app, "node_modules/@tidemark/browser");
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
  for (const name of ["react", "svelte", "vue"]) symlinkSync(join(root, "node_modules", name), join(app, "node_modules", name));
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

it.each(["esm.mts", "cjs.cts"])("has types for TypeScript in %s", (file) => {
  writeFileSync(join(app, file), `import { createTidemark, type Options } from "@tidemark/browser";
    const options: Options = { project: "pk_test" };
    const wrong: number = createTidemark().distinctId();
    createTidemark().init(options);\n`);
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const compilerOptions = { noEmit: true, strict: true, module: "nodenext", lib: ["es2020", "dom"], types: [] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  let errors = "";
  try {
    execFileSync(process.execPath, [compiler, "-p", app], { encoding: "utf8" });
  } catch (error) {
    errors = (error as { stdout: string }).stdout;
  }
  // The one wrong line is found, and nothing else.
  expect(errors.match(/error TS\d+/g)).toEqual(["error TS2322"]);
});
