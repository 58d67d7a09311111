import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runCli, type CliEnd } from '../resilience/rig/cli-process.ts';
import { runInside, type Ended } from './run-inside.ts';
import { AS_OF, type World } from './world.ts';

/** Commands that write a log file and know the clock of the run. */
const RUNS = ['refresh', 'bars', 'emas'];

/** Runs `ta` in this process on a world, as the operator's words say. */
export function ta(world: World, line: string | readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runInside(argvOf(world, line), { root: world.root, env: { ...world.env, ...env } });
}

/** The same as a process of its own: where streams, signals, the environment or the exit code of a process are the point. */
export function taProcess(
  world: World,
  line: string | readonly string[],
  env: Record<string, string> = {},
): Promise<CliEnd> {
  return runCli(argvOf(world, line), { TA_HOME: world.root, ...world.env, ...env });
}

function argvOf(world: World, line: string | readonly string[]): string[] {
  const words = typeof line === 'string' ? line.split(' ') : [...line];
  const isRun = RUNS.includes(words[0] as string);
  const clock = words.includes('--as-of') ? [] : ['--as-of', AS_OF];
  return [...words, ...(isRun ? ['--log-dir', world.logDir, ...clock] : [])];
}

/** Text of all log files of a world. */
export function logText(world: Pick<World, 'logDir'>): string {
  const names = readdirSync(world.logDir).filter((name) => name.endsWith('.log'));
  return names.map((name) => readFileSync(path.join(world.logDir, name), 'utf8')).join('');
}

/** Records of the log files of a world, oldest first. */
export function logRecords(world: World): Record<string, unknown>[] {
  const lines = logText(world)
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
