import type { Surroundings } from '@ta/cli-kit';

/** A progress bar, or nothing where nobody looks. */
export interface Progress<Update> {
  update(update: Update): void;
  stop(): void;
}

/** Bytes of a file read so far: a bar on a terminal, silence elsewhere. */
export async function importProgress(
  around: Surroundings,
  name: string,
): Promise<Progress<{ readonly bytesRead: number; readonly totalBytes: number | null }>> {
  if (!around.isTty) return { update: () => undefined, stop: () => undefined };
  const bar = await startBar(`${name} {bar} {percentage}% {eta_formatted}`);
  return {
    update: ({ bytesRead, totalBytes }) => {
      if (totalBytes !== null) bar.setTotal(totalBytes);
      bar.update(bytesRead);
    },
    stop: () => bar.stop(),
  };
}

/**
 * Items of a component finished so far: a bar with rate, time and ETA on a terminal; elsewhere a line per tenth, and one whenever
 * nothing was heard for a while.
 */
export async function itemProgress(around: Surroundings, label: string, total: number): Promise<Progress<number>> {
  if (!around.isTty) {
    let [tenth, finished] = [0, 0];
    const pulse = startPulse(around, (text) => around.print(`  ${label}: ${finished}/${total} ids after ${text}`));
    return {
      update: (done) => {
        finished = done;
        const reached = Math.floor((10 * done) / Math.max(1, total));
        if (reached > tenth && total >= 20) {
          around.print(`  ${label}: ${done}/${total} ids`);
          pulse.heard();
        }
        tenth = Math.max(tenth, reached);
      },
      stop: () => pulse.stop(),
    };
  }
  const format = `${label} {bar} {value}/{total} ids in {duration_formatted}, {rate} ids/s, ETA {eta_formatted}`;
  const bar = await startBar(format, total);
  const startedMs = around.monotonic();
  return {
    update: (done) => bar.update(done, { rate: rateText(done, around.monotonic() - startedMs) }),
    stop: () => bar.stop(),
  };
}

/** How long nothing is heard before a line says that the work goes on; each such line doubles it, up to the second. */
const SILENCE_MS = 3_000;
const MOST_SILENCE_MS = 60_000;

/** Says how long something takes, in growing intervals, while nothing else is heard of it. */
function startPulse(
  { monotonic }: Pick<Surroundings, 'monotonic'>,
  say: (elapsed: string) => void,
): { heard(): void; stop(): void } {
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
  return { heard: () => void (lastMs = monotonic()), stop: () => clearInterval(timer) };
}

/** Things per second, to two digits or so; `-` while there is nothing to divide. */
export function rateText(done: number, elapsedMs: number): string {
  if (done === 0 || elapsedMs <= 0) return '-';
  const perSecond = (1000 * done) / elapsedMs;
  return perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

async function startBar(format: string, total = 1) {
  const { default: cliProgress } = await import('cli-progress');
  const bar = new cliProgress.SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr });
  bar.start(total, 0, { rate: '-' });
  return bar;
}
