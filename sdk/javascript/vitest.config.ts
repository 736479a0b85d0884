import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@tidemark/browser": fileURLToPath(new URL("src/index.ts", import.meta.url)) } },
  test: {
    include: ["tests/unit/**/*.test.ts", "tests/demo/**/*.test.ts"],
    environment: "happy-dom",
    environmentOptions: { happyDOM: { url: "https://shop.example/start?utm_source=mail#secret" } },
  },
});
