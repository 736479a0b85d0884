// Capture eight steps in order, each in a request of its own, with PostHog's Node SDK.
import { PostHog } from "posthog-node";

const { HOST, KEY } = process.env;
const clients = Array.from({ length: 4 }, () => new PostHog(KEY, { host: HOST, flushAt: 1 }));
for (let step = 0; step < 8; step += 1) {
  // One client waits for each answer; several send at the same time, as several workers would.
  clients[step % clients.length].capture({ distinctId: "u-1", event: `step ${step}` });
  await new Promise((done) => setTimeout(done, 200));
}
await Promise.all(clients.map((client) => client.shutdown()));
