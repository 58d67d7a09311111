import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runCli, type CliEnd } from '../resilience/rig/cli-process.ts';
import { AS_OF, type World } from './world.ts';

/** Commands that write a log file and know the clock of the run. */
const RUNS = ['refresh', 'bars', 'emas'];

/** Runs `ta` as a process of its own on a world, as the operator's words say. */
export function ta(world: World, line: string | readonly string[], env: Record<string, string> = {}): Promise<CliEnd> {
  const words = typeof line === 'string' ? line.split(' ') : [...line];
  const isRun = RUNS.includes(words[0] as string);
  const clock = words.includes('--as-of') ? [] : ['--as-of', AS_OF];
  return runCli([...words, ...(isRun ? ['--log-dir', world.logDir, ...clock] : [])], {
    TA_HOME: world.root,
    ...world.env,
    ...env,
  });
}

/** Text of all log files of a world. */
export function logText(world: World): string {
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
