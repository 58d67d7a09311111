import { createHash, randomBytes } from 'node:crypto';

/** How long a browser that showed the token is let in. */
const SESSION_MS = 12 * 3_600_000;
/** Most browsers at a time; the oldest has to show the token again. */
const MOST_SESSIONS = 100;

/** Browsers that have shown the token; none yet. What they get instead reveals nothing about it and ends with the server. */
export function createSessions() {
  const untilMs = new Map<string, number>();
  return {
    /** Lets a browser in; returns what its cookie holds. */
    open(nowMs: number): string {
      const id = randomBytes(32).toString('base64url');
      untilMs.set(keyOf(id), nowMs + SESSION_MS);
      for (const key of untilMs.keys()) {
        if (untilMs.size <= MOST_SESSIONS) break;
        untilMs.delete(key);
      }
      return id;
    },
    has: (id: string, nowMs: number): boolean => (untilMs.get(keyOf(id)) ?? 0) > nowMs,
  };
}

/** Looked up by hash, so that the time it takes reveals nothing about existing ids. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
