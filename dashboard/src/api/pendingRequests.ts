/** When each request that is not answered yet was sent, in milliseconds since 1970. */
const pending = new Set<{ sentAt: number }>();

/** Count a request as pending until it is answered or has failed. */
export async function whilePending<Result>(request: Promise<Result>): Promise<Result> {
  const one = { sentAt: Date.now() };
  pending.add(one);
  try {
    return await request;
  } finally {
    pending.delete(one);
  }
}

/** For how long the server has not answered the oldest pending request, in milliseconds; 0: none is pending. */
export function longestWait(now = Date.now()): number {
  return Math.max(0, ...[...pending].map(({ sentAt }) => now - sentAt));
}
