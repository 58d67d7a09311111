import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCli, type CliRun } from './cli-process.ts';

/** Where workers run: on this machine, or on a host beside it. */
export interface WorkerHost {
  /** URL of the database as seen from there. */
  readonly url: string;
  readonly through: readonly string[];
}

/** A worker of a fleet. */
export interface FleetWorker {
  readonly host: WorkerHost;
  readonly run: CliRun;
}

/** Workers as processes of their own. */
export interface Fleet {
  workers(): readonly FleetWorker[];
  /** Starts one and waits until it is ready; one that cannot reach its database is started again, as a service is. */
  add(host: WorkerHost): Promise<void>;
  /** Ends one as a power cut does. */
  kill(worker: FleetWorker): Promise<void>;
  /** Asks all to end in good order. @returns what went wrong */
  drain(): Promise<string[]>;
}

/** Starts a fleet without workers. */
export async function startFleet(concurrency: number): Promise<Fleet> {
  const logDir = await mkdtemp(path.join(tmpdir(), 'ta-fleet-'));
  const workers = new Set<FleetWorker>();
  return {
    workers: () => [...workers],
    async add(host) {
      const args = ['worker', '--concurrency', String(concurrency), '--log-dir', logDir];
      for (let attempt = 1; ; attempt++) {
        const run = startCli(args, { DATABASE_URL: host.url }, 'cli', host.through);
        if (await run.said(/Worker ready/)) {
          workers.add({ host, run });
          return;
        }
        if (attempt === 10) throw new Error(`No worker could be started: ${run.output().slice(-300)}`);
      }
    },
    async kill(worker) {
      workers.delete(worker);
      worker.run.kill('SIGKILL');
      await worker.run.ended;
    },
    async drain() {
      for (const { run } of workers) run.kill('SIGTERM');
      const ends = await Promise.all([...workers].map(({ run }) => run.ended));
      workers.clear();
      await rm(logDir, { recursive: true, force: true });
      return ends.flatMap(({ code, signal, stderr }) =>
        code === 0 ? [] : [`a worker that was told to drain ended with ${code ?? signal}: ${stderr.slice(-300)}`],
      );
    },
  };
}
