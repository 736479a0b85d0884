/* eslint-disable local/no-literal-text -- code, which is the same in every language */
import type { t } from "../../texts";

export type FlagSdk = keyof typeof t.flags.sdks;

interface Target {
  /** The address of this installation. */
  origin: string;
  publicKey: string;
}

/** Code of a page that asks for a flag. */
export function flagSample(sdk: FlagSdk, { origin, publicKey }: Target, key: string): string {
  const flag = JSON.stringify(key);
  const lines = {
    tidemark: [
      `<script src="${origin}/static/sdk/sdk.min.js" data-project="${publicKey}"></script>`,
      `<script type="module">`,
      `  tidemark.identify("user-42", { plan: "pro" });`,
      `  const flags = await tidemark.load("flags");`,
      `  const show = () => { if (flags?.value(${flag})) showNewCheckout(); };`,
      `  flags?.onChange(show);`,
      `  show();`,
      `</script>`,
    ],
    openfeature: [
      `import { OpenFeature } from "@openfeature/web-sdk";`,
      `import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";`,
      ``,
      `await OpenFeature.setContext({ targetingKey: "user-42", plan: "pro" });`,
      `await OpenFeature.setProviderAndWait(`,
      `  new OFREPWebProvider({ baseUrl: "${origin}", headers: [["X-API-Key", "${publicKey}"]] }),`,
      `);`,
      `if (OpenFeature.getClient().getBooleanValue(${flag}, false)) showNewCheckout();`,
    ],
    posthog: [
      `posthog.init("${publicKey}", { api_host: "${origin}" });`,
      `posthog.identify("user-42", { plan: "pro" });`,
      `posthog.onFeatureFlags(() => {`,
      `  if (posthog.isFeatureEnabled(${flag})) showNewCheckout();`,
      `});`,
    ],
  };
  return lines[sdk].join("\n");
}
