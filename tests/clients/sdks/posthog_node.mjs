// What a server with PostHog's Node SDK does; host and key come from the environment.
import { PostHog } from "posthog-node";

const { HOST, KEY, HAPPENED_AT, TIMEOUT } = process.env;
const timestamp = new Date(HAPPENED_AT);
const client = new PostHog(KEY, {
  host: HOST,
  ...(TIMEOUT ? { requestTimeout: 1000 * Number(TIMEOUT) } : {}),
});

client.capture({
  distinctId: "u-1",
  event: "opened",
  properties: { level: 3, price: 1.5, name: "Zoë \u{1f600}", $session_id: "s-1" },
  timestamp,
});
client.capture({ distinctId: "u-1", event: "bought", groups: { company: "acme" }, timestamp });
client.capture({
  distinctId: "u-2",
  event: "seen",
  properties: {
    $current_url: "https://game.example/shop?utm_source=mail&utm_campaign=june",
    $referrer: "https://mail.example/",
    $ip: "81.2.69.160",
  },
  timestamp,
});
client.identify({ distinctId: "u-1", properties: { plan: "pro", $anon_distinct_id: "anon-0" } });
client.capture({
  distinctId: "u-1",
  event: "$set",
  properties: { $set_once: { first: "mail" } },
  timestamp,
});
client.alias({ distinctId: "u-1", alias: "anon-1" });
client.groupIdentify({ groupType: "company", groupKey: "acme", properties: { seats: 5 } });
await client.shutdown();
