import { useNetwork } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { clockTime } from "../format/time";
import { browserZone } from "../format/timeZones";
import { Banner } from "../notices/Banner";
import { t } from "../texts";

/** Says that the browser is offline, and of when the newest figures are. */
export function OfflineBanner() {
  const { online } = useNetwork();
  const client = useQueryClient();
  if (online) return null;
  const received = client.getQueryCache().findAll({ queryKey: ["analytics"] }).map(({ state }) => state.dataUpdatedAt);
  const newest = Math.max(0, ...received);
  return (
    <Banner>{newest === 0 ? t.states.offline : t.states.offlineSince(clockTime(new Date(newest).toISOString(), browserZone()))}</Banner>
  );
}
