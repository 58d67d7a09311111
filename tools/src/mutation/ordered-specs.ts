import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '../postgres-server.ts';

const CONFIG = path.join(import.meta.dirname, 'in-order.config.ts');

/** No spec takes this long: if none has ended for this time, the current one waits or runs for ever. */
const LONGEST_SPEC_MS = 600_000;
const GLANCE_MS = 1_000;

/** How a run of specs is made. */
export interface RunOptions {
  /** The clone. */
  readonly root: string;
  /** Seed of the property tests. */
  readonly seed: string;
  /** Folder for the files of the run, which creates it at its start and deletes it at its end. */
  readonly folder: string;
}

/**
 * Runs specs one after the other until one fails, and returns its path; null when all pass. Each run has a server of its own,
 * so that databases it leaves there cannot make the next run fail.
 */
export async function firstFailure(specs: readonly string[], options: RunOptions): Promise<string | null> {
  if (specs.length === 0) return null;
  const server = await startPostgres({ settings: { fsync: 'off', timezone: 'Asia/Kolkata' } });
  mkdirSync(options.folder);
  try {
    return await firstFailureOn(server.url, specs, options);
  } finally {
    rmSync(options.folder, { recursive: true, maxRetries: 5 });
    await server.stop();
  }
}

async function firstFailureOn(url: string, specs: readonly string[], options: RunOptions): Promise<string | null> {
  const { root, seed, folder } = options;
  const told = path.join(folder, 'told');
  const projects = [...new Set(specs.map(projectOf))].flatMap((project) => ['--project', project]);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--root', root, '--config', CONFIG, ...projects, ...specs];
  const given = { TA_SPECS: JSON.stringify(specs), TA_TOLD: told, TA_SEED: seed, TMPDIR: folder };
  const env = { ...process.env, ...given, TEST_DATABASE_URL: url, REQUIRE_PG: '1' };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore', detached: true });
  const end = () => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // no process is left
    }
  };
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let code: number | null | undefined;
  for (let last = '', since = Date.now(); code === undefined;) {
    code = await Promise.race([exit, sleep(GLANCE_MS, undefined)]);
    const now = textOf(told);
    if (now !== last) [last, since] = [now, Date.now()];
    if (failedIn(now) !== undefined || Date.now() - since > LONGEST_SPEC_MS) end();
  }
  end(); // workers that run for ever outlive their parent
  return failureIn(textOf(told), specs, code === 0);
}

/** The spec that failed according to the run's file, or else the first one that did not end; null when all passed. */
export function failureIn(told: string, specs: readonly string[], isPassed: boolean): string | null {
  if (isPassed) return null;
  const ended = new Set(told.split('\n').map((line) => line.slice(line.indexOf(' ') + 1)));
  return failedIn(told) ?? specs.find((spec) => !ended.has(spec)) ?? specs[specs.length - 1];
}

function failedIn(told: string): string | undefined {
  return /^failed (.+)\n/m.exec(told)?.[1];
}

/** Name of the project that a spec belongs to. */
export function projectOf(spec: string): string {
  const [folder, name] = spec.split('/');
  return folder === 'libs' || folder === 'apps' ? name : folder;
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
