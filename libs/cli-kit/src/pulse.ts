import type { Surroundings } from './surroundings.ts';

/** How long nothing is heard before a line says that the work goes on; each such line doubles it, up to the second. */
const SILENCE_MS = 3_000;
const MOST_SILENCE_MS = 60_000;

/** What says that long work goes on. */
export interface Pulse {
  /** Says it when it is time: work that keeps timers from running calls this on the way. */
  look(): void;
  /** Something else was said. */
  heard(): void;
  stop(): void;
}

/** Says how long something takes, in growing intervals, while nothing else is heard of it. */
export function startPulse({ monotonic }: Pick<Surroundings, 'monotonic'>, say: (elapsed: string) => void): Pulse {
  const startedMs = monotonic();
  let [lastMs, silenceMs] = [startedMs, SILENCE_MS];
  const beat = () => {
    const nowMs = monotonic();
    if (nowMs - lastMs < silenceMs) return;
    say(`${Math.round((nowMs - startedMs) / 1000)} s`);
    [lastMs, silenceMs] = [nowMs, Math.min(MOST_SILENCE_MS, 2 * silenceMs)];
  };
  const timer = setInterval(beat, SILENCE_MS / 3);
  timer.unref();
  return { look: beat, heard: () => void (lastMs = monotonic()), stop: () => clearInterval(timer) };
}
