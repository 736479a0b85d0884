import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
  const load = 'import("@tidemark/browser/modules/journal").then((module) => console.log(typeof module.openJournal));';
  expect(run("load.mjs", load)).toBe("function");
  expect(run("load.cjs", load)).toBe("function");
});

it("has types for both", () => {
  const text = 'import tidemark, { createTidemark, type Stats } from "@tidemark/browser";\nexport const stats: Stats = tidemark.stats();\ncreateTidemark().event("a");\n';
  writeFileSync(join(app, "typed.mts"), text);
  writeFileSync(join(app, "typed.cts"), text);
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const options = ["--noEmit", "--strict", "--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2020,dom", "--types", ""];
  execFileSync(process.execPath, [compiler, ...options, "typed.mts", "typed.cts"], { cwd: app, stdio: "pipe" });
});
