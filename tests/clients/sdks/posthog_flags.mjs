// Evaluates flags with PostHog's Node SDK, remotely and locally, and prints both as JSON.
// Standard input is a JSON list of [distinctId, personProperties, groups, groupProperties].
import { readFileSync } from "node:fs";
import { PostHog } from "posthog-node";

const { HOST, KEY, SECRET } = process.env;
const persons = JSON.parse(readFileSync(0, "utf8"));
const remote = new PostHog(KEY, { host: HOST });
const local = new PostHog(KEY, { host: HOST, personalApiKey: SECRET });
await local.reloadFeatureFlags();

const ask = async (client, [distinctId, personProperties, groups, groupProperties], options = {}) => {
  const found = await client.getAllFlagsAndPayloads(distinctId, {
    personProperties,
    groups,
    groupProperties,
    disableGeoip: true,
    ...options,
  });
  return { featureFlags: found.featureFlags, featureFlagPayloads: found.featureFlagPayloads };
};
const askAll = async (client, options, atOnce) => {
  const answers = new Array(persons.length);
  let next = 0;
  const run = async () => {
    while (next < persons.length) {
      const index = next++;
      answers[index] = await ask(client, persons[index], options);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return answers;
};

const answers = {
  remote: await askAll(remote, {}, 6),
  local: await askAll(local, { onlyEvaluateLocally: true }, 1),
};
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
