import type { Surroundings } from '@ta/cli-kit';

/** The progress of something. */
export interface Progress<Update> {
  update(update: Update): void;
  stop(): void;
}

/** Bytes of a file read so far: a bar on a terminal. */
export async function importProgress(
  around: Surroundings,
  name: string,
): Promise<Progress<{ readonly bytesRead: number; readonly totalBytes: number | null }> | null> {
  if (!around.isTty) return null;
  const bar = await startBar(`${name} {bar} {percentage}% {eta_formatted}`);
  return {
    update: ({ bytesRead, totalBytes }) => {
      if (totalBytes !== null) bar.setTotal(totalBytes);
      bar.update(bytesRead);
    },
    stop: () => bar.stop(),
  };
}

/** Finished items of a component: a bar with rate, time and ETA on a terminal; elsewhere, from 20 ids on, a line per tenth. */
export async function itemProgress(around: Surroundings, label: string, total: number): Promise<Progress<number>> {
  if (!around.isTty) return tenths(around, label, total);
  const format = `${label} {bar} {value}/{total} ids in {duration_formatted}, {rate} ids/s, ETA {eta_formatted}`;
  const bar = await startBar(format, total);
  const startedMs = around.monotonic();
  return {
    update: (done) => bar.update(done, { rate: rateText(done, around.monotonic() - startedMs) }),
    stop: () => bar.stop(),
  };
}

function tenths(around: Surroundings, label: string, total: number): Progress<number> {
  let tenth = 0;
  return {
    update(done) {
      const reached = Math.floor((10 * done) / Math.max(1, total));
      if (reached > tenth && total >= 20) around.print(`  ${label}: ${done}/${total} ids`);
      tenth = Math.max(tenth, reached);
    },
    stop: () => undefined,
  };
}

/** Items per second, to about two digits; `-` while nothing can be computed. */
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
