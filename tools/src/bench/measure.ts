import type { Workbench } from './workbench.ts';

/** The cost of a piece of work. On a loaded machine wall-clock seconds grow, but processor seconds hardly do. */
export interface Cost {
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** Processor seconds of this process. */
  readonly clientCpuSeconds: number;
  /** Processor seconds of the database server, its background processes included; NaN where the system does not report them. */
  readonly serverCpuSeconds: number;
  /** Bytes written to the server's log of changes (WAL). */
  readonly walBytes: number;
}

/** The median of some numbers; for an even count the mean of the middle two; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs `work` after a checkpoint, so that every run starts from the same state of the server, and measures its cost. */
export async function measure<T>(bench: Workbench, work: () => Promise<T>): Promise<{ value: T; cost: Cost }> {
  await bench.checkpoint();
  const walBefore = await bench.walBytes();
  const serverBefore = await bench.serverCpuSeconds();
  const { value, seconds, cpuSeconds } = await timed(work);
  const cost = {
    seconds,
    clientCpuSeconds: cpuSeconds,
    serverCpuSeconds: (await bench.serverCpuSeconds()) - serverBefore,
    walBytes: (await bench.walBytes()) - walBefore,
  };
  return { value, cost };
}

/** Runs `work` and measures its seconds: wall clock and processor time of this process. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly seconds: number; readonly cpuSeconds: number }> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const value = await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return { value, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}

/** The medians of several costs, each part by itself. */
export function medianCost(costs: readonly Cost[]): Cost {
  const of = (part: (cost: Cost) => number): number => median(costs.map(part));
  return {
    seconds: of((cost) => cost.seconds),
    clientCpuSeconds: of((cost) => cost.clientCpuSeconds),
    serverCpuSeconds: of((cost) => cost.serverCpuSeconds),
    walBytes: of((cost) => cost.walBytes),
  };
}
