import { useState } from "react";
import type { RecentEvent } from "../../api/requests/client";
import { useAddressState } from "../page/useAddressState";

/**
 * The event of a list that the address says is open, and the function that opens another ("" none).
 *
 * It stays open when newer events push it out of the list.
 */
export function useOpenEvent(events: readonly RecentEvent[]): [RecentEvent | null, (eventId: string) => void] {
  const [openId, setOpenId] = useAddressState("open");
  const [kept, setKept] = useState<RecentEvent | null>(null);
  const listed = events.find((event) => event.event_id === openId);
  if (listed && listed !== kept) setKept(listed);
  return [listed ?? (kept?.event_id === openId ? kept : null), setOpenId];
}
