// Evaluates flags with OpenFeature's Node SDK and its OFREP provider, and prints them as JSON.
// Standard input is a JSON list of [targeting key, attributes].
import { readFileSync } from "node:fs";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const { HOST, KEY } = process.env;
const persons = JSON.parse(readFileSync(0, "utf8"));
await OpenFeature.setProviderAndWait(
  new OFREPProvider({ baseUrl: HOST, headers: [["X-API-Key", KEY]] }),
);
const client = OpenFeature.getClient();

const details = ({ value, variant, reason, errorCode, errorMessage }) => ({
  value,
  variant,
  reason,
  error_code: errorCode,
  error_message: errorMessage,
});
const answers = [];
for (const [targetingKey, attributes] of persons) {
  const context = targetingKey ? { targetingKey, ...attributes } : attributes;
  answers.push({
    rollout: details(await client.getBooleanDetails("rollout", false, context)),
    variants: details(await client.getStringDetails("variants", "default", context)),
    prices: details(await client.getObjectDetails("prices", { price: 0 }, context)),
    plan: details(await client.getBooleanDetails("for/plans", false, context)),
    off: details(await client.getStringDetails("off", "default", context)),
    missing: details(await client.getBooleanDetails("missing", true, context)),
    "wrong-type": details(await client.getBooleanDetails("variants", true, context)),
  });
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
