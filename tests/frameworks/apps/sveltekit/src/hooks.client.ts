import { startTidemark } from "@tidemark/browser/sveltekit";

startTidemark({ project: "PUBLIC_KEY", apiUrl: "TIDEMARK_URL", source: "sveltekit" });
