import { http, HttpResponse } from "msw";
import type { ApiKey, Deletion, Invitation, Member, NewProject, Project, ProjectSettings } from "../../../src/api/requests/client";
import { refusal } from "./errors";

export const SECRET = "sk_shown-once-and-never-again";

export const project: Project = {
  id: 7,
  name: "Harbour",
  slug: "harbour",
  domain: null,
  timezone: "Europe/Helsinki",
  public_key: "pk_public",
  secret_key_prefix: "sk_abcd",
  allowed_sources: [],
  rate_limit_per_minute: 60_000,
  is_active: true,
  role: "owner",
  created_at: "2026-01-01T00:00:00+00:00",
  updated_at: "2026-01-01T00:00:00+00:00",
  deleted_at: null,
  is_sample: false,
};

export const newProject: NewProject = { ...project, id: 8, name: "Jetty", secret_key: SECRET };

export const settings: ProjectSettings = {
  allowed_origins: [],
  allowed_sources: [],
  client_rate_limit_per_minute: 600,
  consent: "implied",
  daily_quota: null,
  daily_quota_bytes: null,
  do_not_track: "ignore",
  filter_bots: true,
  ip_mode: "none",
  monthly_quota: null,
  monthly_quota_bytes: null,
  rate_limit_per_minute: 60_000,
  retention_days: null,
  sample_rate: 1,
  session_timeout_minutes: 30,
  timezone: "Europe/Helsinki",
  store_user_agent: false,
  flag_approval: false,
};

export const publicKey: ApiKey = {
  id: 1,
  kind: "public",
  name: "",
  prefix: "pk_publ",
  public_key: "pk_public",
  created_at: "2026-01-01T00:00:00+00:00",
  expires_at: null,
};

export const secretKey: ApiKey = { ...publicKey, id: 2, kind: "secret", prefix: "sk_abcd", public_key: null };

export const members: Member[] = [
  { user_id: 1, name: "Owner", email: "owner@example.org", role: "owner" },
  { user_id: 2, name: "Reader", email: "reader@example.org", role: "viewer" },
];

export const invitation: Invitation = {
  id: 5,
  email: "guest@example.org",
  role: "viewer",
  created_at: "2026-11-01T00:00:00+00:00",
  expires_at: "2026-11-08T00:00:00+00:00",
};

export const deletedProject: Project = {
  ...project,
  id: 9,
  name: "Old pier",
  slug: "old-pier",
  domain: null,
  deleted_at: "2026-11-01T10:00:00+00:00",
};

export const deletion: Deletion = {
  project_id: 9,
  name: "Old pier",
  requested_at: "2026-11-01T10:00:00+00:00",
  purge_after: "2026-11-08T10:00:00+00:00",
  started_at: null,
  finished_at: null,
  done: 0,
  total: 0,
  rows: 0,
};

/** The list of projects, and the list of deleted ones whose data is not gone yet. */
export function projectList(existing: Project[], deleted: Project[] = []) {
  return http.get("*/api/v1/projects/", ({ request }) =>
    HttpResponse.json({
      items: new URL(request.url).searchParams.get("deleted") === "true" ? deleted : existing,
      next_cursor: null,
    }),
  );
}

/** One project with its settings, keys and members. */
export const projectHandlers = [
  http.get("*/api/v1/projects/:id/feature-flags/", () => HttpResponse.json({ items: [] })),
  projectList([project]),
  http.post("*/api/v1/projects/", () => HttpResponse.json(newProject, { status: 201 })),
  http.get("*/api/v1/projects/7", () => HttpResponse.json(project)),
  http.get("*/api/v1/projects/7/settings", () => HttpResponse.json(settings)),
  http.get("*/api/v1/projects/7/keys", () => HttpResponse.json({ items: [publicKey, secretKey] })),
  http.get("*/api/v1/projects/7/members/", () => HttpResponse.json({ items: members, next_cursor: null })),
  http.get("*/api/v1/projects/7/invitations/", () => HttpResponse.json({ items: [invitation] })),
  http.get("*/api/v1/projects/9/deletion", () => HttpResponse.json(deletion)),
  http.get("*/api/v1/projects/:id", () => refusal(404, "There is no such project.")),
  http.post("*/api/v1/projects/7/keys/2/rotate", () => HttpResponse.json({ ...secretKey, id: 3, key: SECRET })),
];
