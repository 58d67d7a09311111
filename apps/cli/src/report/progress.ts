import { startPulse, type Surroundings } from '@ta/cli-kit';

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
    let tenth = 0;
    return itemPulse(around, label, total, (done) => {
      const reached = Math.floor((10 * done) / Math.max(1, total));
      const isNews = reached > tenth && total >= 20;
      if (isNews) around.print(`  ${label}: ${done}/${total} ids`);
      tenth = Math.max(tenth, reached);
      return isNews;
    });
  }
  const format = `${label} {bar} {value}/{total} ids in {duration_formatted}, {rate} ids/s, ETA {eta_formatted}`;
  const bar = await startBar(format, total);
  const startedMs = around.monotonic();
  return {
    update: (done) => bar.update(done, { rate: rateText(done, around.monotonic() - startedMs) }),
    stop: () => bar.stop(),
  };
}

/**
 * Items of a component finished so far: a line whenever nothing was heard for a while.
 *
 * @param isHeard whether an update was told of in another way; by default each is, by a line per item
 */
export function itemPulse(
  around: Surroundings,
  label: string,
  total: number,
  isHeard: (done: number) => boolean = () => true,
): Progress<number> {
  let finished = 0;
  const pulse = startPulse(around, (text) => around.print(`  ${label}: ${finished}/${total} ids after ${text}`));
  return {
    update: (done) => {
      finished = done;
      if (isHeard(done)) pulse.heard();
    },
    stop: () => pulse.stop(),
  };
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
