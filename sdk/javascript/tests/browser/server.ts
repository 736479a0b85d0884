import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { TrackedEvent } from "../../src/outbox.js";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};
// What the gateway sends with the demos.
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'";

/** How the next request for ingest is treated. `cut`: it is read, then the connection breaks without an answer. */
export type Mishap = "cut" | { status: number; retryAfter?: number };

/** One request for ingest, whatever was answered. */
export interface Request {
  method: string;
  contentType: string;
  events: TrackedEvent[];
  answered: number | "cut";
}

/** A real HTTP server in place of the gateway: ingest, the SDK, the demos, and pages made up by the tests. */
export class TestServer {
  readonly requests: Request[] = [];
  readonly pages = new Map<string, { html: string; headers?: Record<string, string> }>();
  /** For the next requests, first one first. */
  mishaps: Mishap[] = [];
  /** For every request, while set. */
  outage: Mishap | null = null;
  private readonly server: Server = createServer((request, response) => {
    void this.answer(request, response);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Ids of the events whose request was answered with 202: what the service holds. */
  get held(): string[] {
    return this.requests.filter((request) => request.answered === 202).flatMap((request) => request.events.map((event) => event.event_id));
  }

  /** Names of the events held, each event once, as the service counts them. */
  get names(): string[] {
    const once = new Map<string, string>();
    for (const request of this.requests) {
      if (request.answered !== 202) continue;
      for (const event of request.events) once.set(event.event_id, event.event_name);
    }
    return [...once.values()];
  }

  /** The latest held event of that name. */
  find(name: string): TrackedEvent | undefined {
    return this.requests.flatMap((request) => request.events).filter((event) => event.event_name === name).pop();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path === "/api/v1/events/ingest") await this.ingest(request, response);
    else this.file(path, response);
  }

  private async ingest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text ? JSON.parse(text) : { events: [] }) as { events: TrackedEvent[] };
    const mishap = this.mishaps.shift() ?? this.outage;
    const answered = mishap === "cut" ? "cut" : (mishap?.status ?? 202);
    this.requests.push({
      method: request.method ?? "",
      contentType: request.headers["content-type"] ?? "",
      events: body.events,
      answered,
    });
    if (mishap === "cut") {
      request.socket.destroy();
      return;
    }
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    response.setHeader("Content-Type", "application/json");
    if (mishap?.retryAfter) response.setHeader("Retry-After", String(mishap.retryAfter));
    response.writeHead(mishap?.status ?? 202);
    const results = body.events.map((event) => ({ event_id: event.event_id, status: "accepted" }));
    response.end(JSON.stringify(mishap ? { code: mishap.status, message: "not now" } : { accepted: results.length, dropped: 0, results }));
  }

  private file(path: string, response: ServerResponse): void {
    const page = this.pages.get(path);
    if (page) {
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/html", ...page.headers });
      response.end(page.html);
      return;
    }
    // As the gateway serves them, the second name of the script included.
    const inRepository = path
      .replace(/^\/m\/in\.js$/, "/static/sdk/sdk.min.js")
      .replace("/m/in.js/", "/static/sdk/modules/")
      .replace("/static/sdk/", "/sdk/javascript/dist/");
    let file = join(repository, normalize(inRepository));
    if (path.endsWith("/")) file = join(file, "index.html");
    if (!file.startsWith(repository) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "text/plain", "Content-Security-Policy": POLICY, "Access-Control-Allow-Origin": "*" });
    createReadStream(file).pipe(response);
  }
}
