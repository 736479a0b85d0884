import type { TopEvents } from "../../api/client";
import type { Slice } from "../../charts/DonutChart";
import { valueName } from "../../format/valueName";

const MAX_SLICES = 6;

/** The most frequent events, and a last slice for all others. */
export function shares({ items, total_events: total }: Pick<TopEvents, "items" | "total_events">): Slice[] {
  const named = items
    .slice(0, MAX_SLICES)
    .map(({ event_name: name, count, share }) => ({ label: valueName(name), value: count, share, isRest: false }));
  const rest = total - named.reduce((sum, { value }) => sum + value, 0);
  return rest > 0 ? [...named, { label: valueName(null, true), value: rest, share: rest / total, isRest: true }] : named;
}
