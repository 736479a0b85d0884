import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { GeometryCollection, Topology } from "topojson-specification";
import { feature } from "topojson-client";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);
const FLAGS = "assets/flags/";
const MAP = "assets/world.json";
const MAP_WIDTH = 1_000;
/** Pixels that are cut off above Greenland and below Patagonia. */
const CUT = { above: 12, below: 96 };

/** Serve the flags of all countries and a map of the world, made from packages, as files of ours. */
export function staticAssets(): Plugin {
  const flags = join(dirname(require.resolve("country-flag-icons/package.json")), "3x2");
  const files = readdirSync(flags).filter((name) => /^[A-Z]{2}\.svg$/.test(name));
  return {
    name: "static-assets",
    generateBundle() {
      for (const name of files) this.emitFile({ type: "asset", fileName: FLAGS + name, source: readFileSync(join(flags, name)) });
      this.emitFile({ type: "asset", fileName: MAP, source: JSON.stringify(worldMap()) });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").slice(1);
        const flag = files.find((name) => path === FLAGS + name);
        if (flag !== undefined) {
          response.setHeader("Content-Type", "image/svg+xml");
          response.end(readFileSync(join(flags, flag)));
        } else if (path === MAP) {
          response.setHeader("Content-Type", "application/json");
          response.end(JSON.stringify(worldMap()));
        } else next();
      });
    },
  };
}

/** Return the outline of every country as an SVG path, by its ISO 3166-1 alpha-2 code. */
function worldMap(): { width: number; height: number; countries: Record<string, string> } {
  const atlas = require("world-atlas/countries-110m.json") as Topology<{ countries: GeometryCollection }>;
  const codes = require("i18n-iso-countries/codes.json") as [string, string, string][];
  const codeOf = new Map(codes.map(([code, , number]) => [number, code]));
  const countries: Record<string, string> = {};
  for (const { id, geometry } of feature(atlas, atlas.objects.countries).features) {
    const code = codeOf.get(String(id).padStart(3, "0"));
    if (code === undefined || code === "AQ") continue;
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    countries[code] = polygons.map((rings) => rings.map(outline).join("")).join("");
  }
  return { width: MAP_WIDTH, height: Math.round(MAP_WIDTH * 0.4867) - CUT.above - CUT.below, countries };
}

function outline(ring: number[][]): string {
  const points = ring.map(([longitude = 0, latitude = 0]) => project(longitude, latitude).map((one) => Math.round(one * 10) / 10).join(" "));
  return `M${points.join("L")}Z`;
}

/** Project by Equal Earth (Šavrič, Patterson, Jenny 2018), on which areas are true. */
function project(longitude: number, latitude: number): [x: number, y: number] {
  const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796];
  const theta = Math.asin((Math.sqrt(3) / 2) * Math.sin((latitude * Math.PI) / 180));
  const square = theta * theta;
  const sixth = square ** 3;
  const x =
    ((2 * Math.sqrt(3) * longitude * Math.PI) / 180) *
    (Math.cos(theta) / (3 * (9 * a4 * sixth * square + 7 * a3 * sixth + 3 * a2 * square + a1)));
  const y = theta * (a4 * sixth * square + a3 * sixth + a2 * square + a1);
  const scale = MAP_WIDTH / (2 * 2.70663);
  return [MAP_WIDTH / 2 + x * scale, 1.31737 * scale - y * scale - CUT.above];
}
