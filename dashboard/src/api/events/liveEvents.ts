import { useEffect, useRef, useState } from "react";
import type { RecentEvent } from "../requests/client";
import { followSocket } from "./liveSocket";

const MAX_EVENTS = 100;

/** What the server sends; other types of messages are not looked at. */
interface LiveMessage {
  type: string;
  /** Where to go on after a break. */
  resume?: string;
  events?: RecentEvent[];
}

interface LiveEvents {
  /** The events since the page was opened, newest first; at most a hundred. */
  events: readonly RecentEvent[];
  /** Whether events arrive as they are stored. */
  isConnected: boolean;
}

const NOTHING: LiveEvents = { events: [], isConnected: false };

/**
 * The events of a project as they are stored, over a WebSocket that opens again after every break.
 *
 * While `isOn` is false the result stays as it is; what arrives meanwhile is there afterwards.
 */
export function useLiveEvents(projectId: number, eventName: string, isOn: boolean): LiveEvents {
  const [shown, setShown] = useState(NOTHING);
  const latest = useRef(NOTHING);
  const isShowing = useRef(isOn);
  useEffect(() => {
    isShowing.current = isOn;
    if (isOn) setShown(latest.current);
  }, [isOn]);
  useEffect(() => {
    const show = (change: Partial<LiveEvents>) => {
      latest.current = { ...latest.current, ...change };
      if (isShowing.current) setShown(latest.current);
    };
    show(NOTHING);
    let resume: string | null = null;
    return followSocket<LiveMessage>({
      projectId,
      path: `/api/v1/ws/events/${projectId}`,
      query: () => ({ ...(eventName ? { event_name: eventName } : {}), ...(resume ? { after: resume } : {}) }),
      first: "hello",
      onMessage: (message) => {
        resume = message.resume ?? resume;
        if (!message.events) return;
        const arrived = message.events.reverse();
        show({ events: [...arrived, ...latest.current.events].slice(0, MAX_EVENTS) });
      },
      onConnection: (isConnected) => {
        show({ isConnected });
      },
    });
  }, [projectId, eventName]);
  return shown;
}

/** The events that just arrived, and those that the last answer has beside them; newest first. */
export function newestEvents(arrived: readonly RecentEvent[], answered: readonly RecentEvent[], limit: number): readonly RecentEvent[] {
  const known = new Set(arrived.map((one) => one.event_id));
  const all = [...arrived, ...answered.filter((one) => !known.has(one.event_id))];
  // Those of the answer may be newer: of a time in which nothing arrived over the connection.
  return all.sort((one, other) => other.received_at.localeCompare(one.received_at)).slice(0, limit);
}
