import { setImmediate } from 'node:timers';

/** How long PGlite may keep the event loop to itself. */
const TURN_MS = 250;

let turnBeganMs = 0;

/**
 * Ends the turn of the event loop when it has lasted long: PGlite answers without leaving it, so that a long build would
 * let in neither signals nor timers.
 */
export async function letOthersIn(): Promise<void> {
  if (performance.now() - turnBeganMs < TURN_MS) return;
  await new Promise((resolve) => setImmediate(resolve));
  turnBeganMs = performance.now();
}
