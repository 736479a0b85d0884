import { http, HttpResponse, ws } from "msw";

/** The WebSocket of a project's events. */
export const liveEvents = ws.link("ws://*/api/v1/ws/events/*");

/** The WebSocket of a project's visitors. */
export const liveVisitors = ws.link("ws://*/ws/analytics/visitors/*");

/** Readers are let in, and nothing happens. */
export const liveHandlers = [
  http.post("*/api/v1/auth/ws-ticket", () => HttpResponse.json({ ticket: "a-ticket", expires_in: 30 })),
  liveEvents.addEventListener("connection", () => {
    // Handlers of a test are called beside this one, and say what there is to say.
  }),
  liveVisitors.addEventListener("connection", () => {
    // As above.
  }),
];
