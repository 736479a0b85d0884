// Builds the script for pages (plain and small) and the module for bundlers.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const common = { bundle: true, target: "es2019", legalComments: "none" };
const page = { ...common, entryPoints: ["src/page.ts"], format: "iife" };

await Promise.all([
  build({ ...page, outfile: "dist/sdk.js" }),
  build({ ...page, outfile: "dist/sdk.min.js", minify: true }),
  build({ ...common, entryPoints: ["src/client.ts"], format: "esm", outfile: "dist/tidemark.mjs" }),
]);

const size = gzipSync(readFileSync("dist/sdk.min.js")).length;
console.log(`sdk.min.js: ${size} bytes, gzipped`);
