import { createHash, randomBytes } from 'node:crypto';

/** How long a browser that has sent the token stays signed in. */
const SESSION_MS = 12 * 3_600_000;
/** Most browsers at a time; with more, the one that signed in first has to send the token again. */
const MOST_SESSIONS = 100;

/** The browsers that have sent the token. Each gets an id, which reveals nothing about the token and ends with the server. */
export function createSessions() {
  const untilMs = new Map<string, number>();
  return {
    /** Signs a browser in; returns the id for its cookie. */
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

/** Ids are looked up by their hash, so that the time of a look-up reveals nothing about existing ids. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
