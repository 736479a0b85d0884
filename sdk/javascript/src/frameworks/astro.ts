/** Astro: `integrations: [tidemark({ project: "pk_…", apiUrl: "…" })]` in `astro.config.mjs`. */
import type { Options } from "@tidemark/browser";

/** The part of Astro's integration API that is used. */
interface Integration {
  name: string;
  hooks: { "astro:config:setup": (setup: { injectScript: (stage: "page", content: string) => void }) => void };
}

/** Make an integration that records every page, and the routes of its client router. */
export default function tidemark(options: Options): Integration {
  return {
    name: "@tidemark/browser",
    hooks: {
      "astro:config:setup": ({ injectScript }) => {
        injectScript("page", `import tidemark from "@tidemark/browser";\ntidemark.init(${JSON.stringify(options)});`);
      },
    },
  };
}
