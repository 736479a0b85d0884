import node from "@astrojs/node";
import tidemark from "@tidemark/browser/astro";
import { defineConfig } from "astro/config";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  integrations: [tidemark({ project: "PUBLIC_KEY", apiUrl: "TIDEMARK_URL", source: "astro" })],
});
