/** Code that asks for a flag with PostHog's SDK for browsers, which Tidemark answers. */
export function flagSample(origin: string, publicKey: string, key: string): string {
  return [
    `posthog.init("${publicKey}", { api_host: "${origin}" });`,
    `posthog.identify("user-42", { plan: "pro" });`,
    `posthog.onFeatureFlags(() => {`,
    `  if (posthog.isFeatureEnabled(${JSON.stringify(key)})) showNewCheckout();`,
    `});`,
  ].join("\n");
}
