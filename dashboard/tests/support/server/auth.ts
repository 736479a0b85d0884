import { http, HttpResponse } from "msw";
import type { Session, User } from "../../../src/api/requests/client";
import { refusal } from "./errors";

export const user: User = {
  id: 1,
  email: "owner@example.org",
  name: "Owner",
  is_superuser: true,
  is_active: true,
  has_second_factor: false,
  last_login_at: null,
  created_at: "2026-01-01T00:00:00+00:00",
};

export const session: Session = {
  id: "this session",
  address: "192.0.2.7",
  user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  created_at: "2026-11-01T10:00:00+00:00",
  last_used_at: "2026-11-01T11:00:00+00:00",
  is_current: true,
};

/** The account that is signed in, and its sessions. */
export const authHandlers = [
  http.get("*/api/v1/auth/me", () => HttpResponse.json(user)),
  http.post("*/api/v1/auth/login", () => HttpResponse.json({ user })),
  http.post("*/api/v1/auth/logout", () => new HttpResponse(null, { status: 204 })),
  http.post("*/api/v1/auth/refresh", () => refusal(401, "This session has ended. Sign in again.")),
  http.get("*/api/v1/auth/registration", () => HttpResponse.json({ registration: "invitation", sign_in_with: null })),
  http.get("*/api/v1/users/", () => HttpResponse.json({ items: [user], next_cursor: null })),
  http.get("*/api/v1/auth/sessions", () => HttpResponse.json({ items: [session] })),
];
