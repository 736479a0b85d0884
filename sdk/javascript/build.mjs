/** Builds dist/: sdk.js and sdk.min.js for a script tag, tidemark.mjs, tidemark.cjs and types for bundlers, and the modules of all of them. */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const root = fileURLToPath(new URL(".", import.meta.url));
const out = join(root, "dist");
const MODULES = ["autocapture", "delivery", "engagement", "flags", "forms", "links", "messages", "vitals"];
const FRAMEWORKS = ["astro", "next", "nuxt", "react", "react_native", "sveltekit", "vue"];
// The core must not grow: it holds up every page that includes it.
const MAX_CORE_BYTES = 4_096;
// What Chrome 80, Firefox 74 and Safari 14 understand (2020): a page's oldest visitors decide.
/** @type {import("esbuild").BuildOptions} */
const common = { absWorkingDir: root, bundle: true, target: "es2020", legalComments: "none" };
const banner = { js: "/*! Tidemark, MIT licence */" };

rmSync(out, { recursive: true, force: true });
/** @type {import("esbuild").BuildOptions} */
const script = { ...common, banner, entryPoints: ["src/script.ts"], format: "iife" };
await build({ ...script, outfile: "dist/sdk.js" });
await minifyScript();
// Modules stay files of their own, which a page or a bundler loads when they are asked for.
/** @type {import("esbuild").BuildOptions} */
const library = { ...common, banner, entryPoints: ["src/index.ts"], external: ["./modules/*"] };
await build({ ...library, format: "esm", outfile: "dist/tidemark.mjs" });
await build({ ...library, format: "cjs", outfile: "dist/tidemark.cjs" });
// Entries for frameworks import the package itself, so that all of a page share one Tidemark.
await build({
  ...common,
  entryPoints: FRAMEWORKS.map((name) => `src/frameworks/${name}.ts`),
  packages: "external",
  external: ["@tidemark/browser"],
  format: "esm",
  outdir: "dist/frameworks",
});
await build({
  ...common,
  banner,
  entryPoints: MODULES.map((name) => `src/modules/${name}.ts`),
  // The licence of web-vitals asks for it.
  legalComments: "inline",
  format: "esm",
  minify: true,
  outdir: "dist/modules",
});

/** Writes sdk.min.js, by Terser: it makes the core 190 bytes smaller than esbuild does. */
async function minifyScript() {
  // As a module, so that Terser knows its names to be its own; it declares none outside of the function around it.
  const bundled = await build({ ...script, banner: {}, format: "esm", write: false, outfile: "dist/sdk.min.js", sourcemap: "external" });
  const [map, code] = bundled.outputFiles.map((file) => file.text);
  const minified = await minify(code ?? "", {
    module: true,
    ecma: 2020,
    // One pass: what more passes shorten, gzip packs worse.
    compress: { passes: 1 },
    enclose: true,
    format: { preamble: banner.js },
    sourceMap: { content: map ?? "", url: "sdk.min.js.map", includeSources: true },
  });
  writeFileSync(join(out, "sdk.min.js"), minified.code ?? "");
  writeFileSync(join(out, "sdk.min.js.map"), /** @type {string} */ (minified.map));
}

/**
 * @param {string} name
 * @param {string} file
 * @returns {number} Its size in bytes, gzipped.
 */
function printSize(name, file) {
  const content = readFileSync(file);
  const compressed = gzipSync(content, { level: 9 }).length;
  process.stdout.write(`${name}: ${content.length} bytes, ${compressed} bytes gzipped\n`);
  return compressed;
}

const core = printSize("sdk.min.js", join(out, "sdk.min.js"));
for (const name of MODULES) printSize(`modules/${name}.js`, join(out, "modules", `${name}.js`));
// For comparison, where the tests of other systems' SDKs have installed it.
const other = join(root, "../../tests/clients/node_modules/posthog-js/dist/array.js");
if (existsSync(other)) printSize("posthog-js array.js", other);
if (core > MAX_CORE_BYTES) {
  throw new Error(`sdk.min.js has ${core} bytes gzipped, more than ${MAX_CORE_BYTES}: move what capturing and sending do not need to a module`);
}

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
execFileSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" });
// TypeScript wants types of their own for `require`, in a folder that says so.
cpSync(join(out, "types"), join(out, "cjs/types"), { recursive: true });
writeFileSync(join(out, "cjs/package.json"), '{ "type": "commonjs" }\n');
writeFileSync(
  join(out, "tidemark.d.ts"),
  'export * from "./types/index.js";\nexport { default } from "./types/index.js";\n',
);
