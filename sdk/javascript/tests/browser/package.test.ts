import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
  const load = 'import("@tidemark/browser/modules/journal").then((module) => console.log(typeof module.start));';
  expect(run("load.mjs", load)).toBe("function");
  expect(run("load.cjs", load)).toBe("function");
});
