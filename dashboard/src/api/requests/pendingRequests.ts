/** What a request is about, in the words of the page: what a service of the API answers. */
export type Subject = "accounts" | "figures" | "server";

interface Pending {
  subject: Subject;
  /** In milliseconds since 1970. */
  sentAt: number;
}

const ACCOUNTS = /^\/api\/v1\/(auth|projects|users|invitations|audit-log)(\/|$)/;
const SERVER = /^\/api\/v1\/(system|health)(\/|$)/;
const pending = new Set<Pending>();

/** Count a request as pending until it is answered or has failed. */
export async function whilePending<Result>(url: string, request: Promise<Result>): Promise<Result> {
  const one = { subject: subjectOf(new URL(url).pathname), sentAt: Date.now() };
  pending.add(one);
  try {
    return await request;
  } finally {
    pending.delete(one);
  }
}

/** The subjects of the requests that the server has not answered for this many milliseconds, each once, in a fixed order. */
export function waitedFor(milliseconds: number, now = Date.now()): Subject[] {
  const subjects = [...pending].filter(({ sentAt }) => now - sentAt >= milliseconds).map(({ subject }) => subject);
  return [...new Set(subjects)].sort();
}

function subjectOf(path: string): Subject {
  if (ACCOUNTS.test(path)) return "accounts";
  return SERVER.test(path) ? "server" : "figures";
}
