/* eslint-disable local/no-literal-text -- code, which is the same in every language */
import type { Flag } from "../../api/flags/flags";
import type { t } from "../../texts";

export type FlagSdk = keyof typeof t.flags.sdks;

interface Target {
  /** The address of this installation. */
  origin: string;
  publicKey: string;
}

/** What the code depends on. */
export type SampleFlag = Pick<Flag, "key" | "variants" | "conditions">;

/** Code of a page that asks for a flag: whether it is on, or whether it has a variant that is not the first. */
export function flagSample(sdk: FlagSdk, { origin, publicKey }: Target, { key, variants, conditions }: SampleFlag): string {
  const flag = JSON.stringify(key);
  const [control, test] = [variants[0], variants[1] ?? variants[0]].map((one) => one && JSON.stringify(one.key));
  const asksForProperties = conditions.some(({ filters }) => filters?.some(({ scope }) => scope === "person"));
  const lines = {
    tidemark: [
      `<script src="${origin}/static/sdk/sdk.min.js" data-project="${publicKey}"></script>`,
      `<script type="module">`,
      `  tidemark.identify("user-42", { plan: "pro" });`,
      `  const flags = await tidemark.load("flags");`,
      // What identify() sent may not be stored yet, and load() sends no properties.
      ...(asksForProperties ? [`  await flags?.refresh({ plan: "pro" });`] : []),
      `  const show = () => { if (flags?.value(${flag})${test ? ` === ${test}` : ""}) showNewCheckout(); };`,
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
      test && control
        ? `if (OpenFeature.getClient().getStringValue(${flag}, ${control}) === ${test}) showNewCheckout();`
        : `if (OpenFeature.getClient().getBooleanValue(${flag}, false)) showNewCheckout();`,
    ],
    posthog: [
      `posthog.init("${publicKey}", { api_host: "${origin}" });`,
      `posthog.identify("user-42", { plan: "pro" });`,
      `posthog.onFeatureFlags(() => {`,
      test ? `  if (posthog.getFeatureFlag(${flag}) === ${test}) showNewCheckout();` : `  if (posthog.isFeatureEnabled(${flag})) showNewCheckout();`,
      `});`,
    ],
  };
  return lines[sdk].join("\n");
}
