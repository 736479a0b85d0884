import { useEffect, useRef, useState } from "react";
import { authApi, type RecentEvent } from "./client";
import { unwrap } from "./errors";

const MAX_EVENTS = 100;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
/** The close code of a project that the person may not see. */
const NO_SUCH_PROJECT = 4404;

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
    return follow(projectId, eventName, {
      onEvents: (events) => {
        show({ events: [...events.reverse(), ...latest.current.events].slice(0, MAX_EVENTS) });
      },
      onConnection: (isConnected) => {
        show({ isConnected });
      },
    });
  }, [projectId, eventName]);
  return shown;
}

interface Listener {
  /** Oldest first. */
  onEvents: (events: RecentEvent[]) => void;
  onConnection: (isConnected: boolean) => void;
}

/** Follow the events of a project until the returned function is called. */
function follow(projectId: number, eventName: string, listener: Listener): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let wait = FIRST_WAIT_MS;
  let resume: string | null = null;

  const openAgain = () => {
    listener.onConnection(false);
    // Not all pages at once, after the server was restarted.
    timer = setTimeout(() => void open(), wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, MAX_WAIT_MS);
  };

  const open = async () => {
    try {
      const { ticket } = await unwrap(authApi.POST("/api/v1/auth/ws-ticket", { body: { project_id: projectId } }));
      if (isStopped) return;
      socket = new WebSocket(addressOf(projectId, { ticket, ...(eventName ? { event_name: eventName } : {}), ...(resume ? { after: resume } : {}) }));
    } catch {
      // Without a login, a server or a network: the page says so by itself.
      if (!isStopped) openAgain();
      return;
    }
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as LiveMessage;
      resume = message.resume ?? resume;
      if (message.type === "hello") {
        wait = FIRST_WAIT_MS;
        listener.onConnection(true);
      }
      if (message.events) listener.onEvents(message.events);
    };
    socket.onclose = ({ code }) => {
      if (!isStopped && code !== NO_SUCH_PROJECT) openAgain();
    };
  };

  void open();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}

function addressOf(projectId: number, query: Record<string, string>): string {
  const address = new URL(`/api/v1/ws/events/${projectId}`, window.location.origin);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = new URLSearchParams(query).toString();
  return address.href;
}
