// Asks OpenFeature's Node SDK for the flag "variants" of many persons, and prints the values.
// Standard input is a JSON list of targeting keys.
import { readFileSync } from "node:fs";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const { HOST, KEY } = process.env;
const ids = JSON.parse(readFileSync(0, "utf8"));
await OpenFeature.setProviderAndWait(
  new OFREPProvider({ baseUrl: HOST, headers: [["X-API-Key", KEY]] }),
);
const client = OpenFeature.getClient();

const values = new Array(ids.length);
let next = 0;
const run = async () => {
  while (next < ids.length) {
    const index = next++;
    values[index] = await client.getStringValue("variants", "default", { targetingKey: ids[index] });
  }
};
await Promise.all(Array.from({ length: 6 }, run));
process.stdout.write(JSON.stringify(values), () => process.exit(0));
