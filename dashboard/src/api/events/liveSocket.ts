import { authApi } from "../requests/client";
import { unwrap } from "../requests/errors";

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
/** Close codes: the login is not valid any more, and the project is none that the person may see. */
const NOT_SIGNED_IN = 4401;
const NO_SUCH_PROJECT = 4404;

interface Followed<Message> {
  projectId: number;
  path: string;
  /** Parameters of the address; asked for each time the socket is opened. */
  query: () => Record<string, string>;
  onMessage: (message: Message) => void;
  /** Called with the message by which the server says that all is well, and when the socket is closed. */
  onConnection: (isConnected: boolean) => void;
  /** The type of that message. */
  first: string;
}

/**
 * Read a WebSocket that is opened again after every break, until the returned function is called.
 *
 * The login's cookie opens it. Where that is not enough any more a ticket does: requesting one renews the login.
 */
export function followSocket<Message extends { type: string }>({ projectId, path, query, onMessage, onConnection, first }: Followed<Message>): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let wait = FIRST_WAIT_MS;
  let needsTicket = false;

  const openAgain = () => {
    onConnection(false);
    // Not all pages at once, after the server was restarted.
    timer = setTimeout(() => void open(), wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, MAX_WAIT_MS);
  };

  const open = async () => {
    try {
      const ticket = needsTicket ? await requestTicket(projectId) : {};
      if (isStopped) return;
      socket = new WebSocket(addressOf(path, { ...ticket, ...query() }));
    } catch {
      // Without a login, a server or a network: the page says so by itself.
      if (!isStopped) openAgain();
      return;
    }
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as Message;
      if (message.type === first) {
        wait = FIRST_WAIT_MS;
        onConnection(true);
      }
      onMessage(message);
    };
    socket.onclose = ({ code }) => {
      needsTicket = code === NOT_SIGNED_IN;
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

async function requestTicket(projectId: number): Promise<Record<string, string>> {
  const { ticket } = await unwrap(authApi.POST("/api/v1/auth/ws-ticket", { body: { project_id: projectId } }));
  return { ticket };
}

function addressOf(path: string, query: Record<string, string>): string {
  const address = new URL(path, window.location.origin);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = new URLSearchParams(query).toString();
  return address.href;
}
