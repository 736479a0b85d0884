import { tidemarkPlugin } from "@tidemark/browser/nuxt";

export default defineNuxtPlugin(tidemarkPlugin({ project: "PUBLIC_KEY", apiUrl: "TIDEMARK_URL", source: "nuxt" }));
