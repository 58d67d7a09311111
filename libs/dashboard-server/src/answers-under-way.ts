import type { ServerResponse } from 'node:http';

/** Most answers under way at a time; further requests are refused with 503. */
const MOST_ANSWERS = 16;
/** Most bytes of answers that are computed but not sent yet. */
const MOST_BYTES = 8 << 20;
/** How long an answer may take until it is sent; then its connection is cut. */
const LONGEST_MS = 30_000;

/** An answer under way. */
export interface UnderWay {
  /** Reserves room for its body; false when there is none. A body that it shares with another answer counts once. */
  reserve(body: Uint8Array): boolean;
  /** Ends the answer if nothing sends it; otherwise it ends when its response is closed. */
  done(): void;
}

/** Counts the answers that are not sent yet, and their bytes. */
export function createAnswersUnderWay() {
  let [answers, bytes] = [0, 0];
  /** How many answers have a body. */
  const bodies = new Map<Uint8Array, number>();
  const letGo = (body: Uint8Array): void => {
    const left = (bodies.get(body) ?? 1) - 1;
    if (left > 0) bodies.set(body, left);
    else if (bodies.delete(body)) bytes -= body.length;
  };
  return {
    /**
     * Begins an answer. It is under way until its last byte was handed to the system, or the connection is gone.
     * @param outgoing the response that sends it; without one it ends with `done`
     * @returns null when there are too many
     */
    begin(outgoing: ServerResponse | undefined): UnderWay | null {
      if (answers >= MOST_ANSWERS) return null;
      answers++;
      let own: Uint8Array | null = null;
      let isEnded = false;
      const timer = outgoing === undefined ? undefined : setTimeout(() => outgoing.destroy(), LONGEST_MS);
      timer?.unref();
      const end = () => {
        if (isEnded) return;
        isEnded = true;
        clearTimeout(timer);
        answers--;
        if (own !== null) letGo(own);
      };
      outgoing?.once('close', end);
      return {
        reserve(body) {
          const sharers = bodies.get(body) ?? 0;
          const more = sharers > 0 ? 0 : body.length;
          // a single answer may be larger than the limit
          if (bytes > 0 && bytes + more > MOST_BYTES) return false;
          bytes += more;
          bodies.set(body, sharers + 1);
          own = body;
          return true;
        },
        done: () => (outgoing === undefined || outgoing.destroyed ? end() : undefined),
      };
    },
  };
}
