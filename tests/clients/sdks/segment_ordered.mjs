// Capture eight steps in order, each in a request of its own, with Segment's Node SDK.
import { Analytics } from "@segment/analytics-node";

const { HOST, KEY } = process.env;
const client = new Analytics({ writeKey: KEY, host: HOST, flushAt: 1 });
for (let step = 0; step < 8; step += 1) {
  client.track({ userId: "u-1", event: `step ${step}` });
  await new Promise((done) => setTimeout(done, 200));
}
await client.closeAndFlush();
