import { setImmediate } from 'node:timers';

/** How long PGlite may block the event loop. */
const TURN_MS = 250;

let turnBeganMs = 0;

/**
 * Yields to the event loop when the current turn has lasted long. PGlite answers within the turn, so during a long build
 * neither signals nor timers would be handled.
 */
export async function letOthersIn(): Promise<void> {
  if (performance.now() - turnBeganMs < TURN_MS) return;
  await new Promise((resolve) => setImmediate(resolve));
  turnBeganMs = performance.now();
}
