// What a server with Segment's Node SDK does; host and key come from the environment.
import { Analytics } from "@segment/analytics-node";

const { HOST, KEY, HAPPENED_AT, TIMEOUT } = process.env;
const timestamp = new Date(HAPPENED_AT);
const client = new Analytics({
  writeKey: KEY,
  host: HOST,
  ...(TIMEOUT ? { httpRequestTimeout: 1000 * Number(TIMEOUT) } : {}),
});
const context = {
  ip: "81.2.69.160",
  page: { url: "https://game.example/shop", referrer: "https://mail.example/" },
  campaign: { source: "mail", name: "june" },
  app: { version: "2.1" },
};

client.track({
  userId: "u-1",
  event: "opened",
  properties: { level: 3, price: 1.5, name: "Zoë \u{1f600}" },
  context,
  timestamp,
});
client.track({ userId: "u-1", event: "bought", context: { groupId: "acme" }, timestamp });
client.identify({ userId: "u-1", anonymousId: "anon-1", traits: { plan: "pro" }, timestamp });
client.page({
  userId: "u-2",
  category: "shop",
  name: "hats",
  properties: { url: "https://game.example/hats" },
  timestamp,
});
client.screen({
  userId: "u-2",
  category: "game",
  name: "board",
  properties: { size: 9 },
  timestamp,
});
client.group({ userId: "u-1", groupId: "acme", traits: { seats: 5 }, timestamp });
client.alias({ userId: "u-1", previousId: "anon-2", timestamp });
await client.closeAndFlush();
