// Asks for one flag with PostHog's Node SDK, and prints its value as JSON.
import { PostHog } from "posthog-node";

const { HOST, KEY, FLAG } = process.env;
const client = new PostHog(KEY, { host: HOST });
const value = await client.getFeatureFlag(FLAG, "ada", { sendFeatureFlagEvents: false });
process.stdout.write(JSON.stringify(value), () => process.exit(0));
