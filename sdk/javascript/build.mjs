/** Builds dist/: sdk.js and sdk.min.js for a script tag, tidemark.mjs and its types for bundlers. */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = join(root, "dist");
// What Chrome 80, Firefox 74 and Safari 14 understand (2020): a page's oldest visitors decide.
/** @type {import("esbuild").BuildOptions} */
const common = { absWorkingDir: root, bundle: true, target: "es2020", legalComments: "none" };
const banner = { js: "/*! Tidemark browser SDK, MIT licence */" };

rmSync(out, { recursive: true, force: true });
/** @type {import("esbuild").BuildOptions} */
const script = { ...common, banner, entryPoints: ["src/script.ts"], format: "iife" };
await build({ ...script, outfile: "dist/sdk.js" });
await build({
  ...script,
  outfile: "dist/sdk.min.js",
  minify: true,
  sourcemap: true,
  sourcesContent: true,
});
await build({
  ...common,
  banner,
  entryPoints: ["src/index.ts"],
  format: "esm",
  outfile: "dist/tidemark.mjs",
});

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
writeFileSync(
  join(out, "tidemark.d.ts"),
  'export * from "./types/index.js";\nexport { default } from "./types/index.js";\n',
);

const minified = readFileSync(join(out, "sdk.min.js"));
const compressed = gzipSync(minified, { level: 9 });
process.stdout.write(`sdk.min.js: ${minified.length} bytes, ${compressed.length} bytes gzipped\n`);
