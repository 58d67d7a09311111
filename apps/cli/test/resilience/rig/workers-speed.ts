import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from './cli-process.ts';
import { startFleet } from './fleet.ts';
import { faultsOf, type Built, type ManyAssetsArena } from './many-assets.ts';
import { refreshArgs } from './workers-trial.ts';

/** Name, workers (0: the command itself), items side by side in each. */
const WAYS = [
  ['one process, 1 side by side', 0, 1],
  ['one process, 4 side by side', 0, 4],
  ['1 worker', 1, 1],
  ['2 workers', 2, 1],
  ['4 workers', 4, 1],
  ['2 workers, 2 side by side', 2, 2],
] as const;
const ROUNDS = 5;

/**
 * Times builds in peace: one process, and one, two and four workers on this machine, as a table. Every way has its turn
 * in every round, since the machine is not equally fast all the time; the table has the round of the median time.
 */
export async function speedTable(arena: ManyAssetsArena, single: Built): Promise<string> {
  const rounds = WAYS.map((): Timed[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, [, workers, width]] of WAYS.entries()) {
      rounds[way]?.push(await timeBuild(arena, single, workers, width));
    }
  }
  const middle = rounds.map((all) => all.sort((a, b) => a.seconds - b.seconds)[ROUNDS >> 1] as Timed);
  const base = (middle[0] as Timed).seconds;
  return [
    '| executed by | seconds, median | least, most | busy cores | against one process, 1 side by side |',
    '| --- | --- | --- | --- | --- |',
    ...WAYS.map(([name], way) => {
      const [all, { seconds, busyCores }] = [rounds[way] as Timed[], middle[way] as Timed];
      const span = [all[0], all.at(-1)].map((timed) => timed?.seconds.toFixed(1)).join(' to ');
      const busy = `${busyCores.toFixed(2)} of ${cpus().length}`;
      return `| ${name} | ${seconds.toFixed(1)} | ${span} | ${busy} | ${(base / seconds).toFixed(2)} |`;
    }),
  ].join('\n');
}

interface Timed {
  readonly seconds: number;
  readonly busyCores: number;
}

async function timeBuild(arena: ManyAssetsArena, single: Built, workers: number, width: number): Promise<Timed> {
  const place = await arena.place();
  const logDir = await mkdtemp(path.join(tmpdir(), 'ta-speed-'));
  const fleet = await startFleet(width);
  const host = { url: place.url, through: [] };
  await Promise.all(Array.from({ length: workers }, () => fleet.add(host)));
  const flags = workers === 0 ? ['--concurrency', String(width)] : ['--distribute'];
  const before = busySeconds();
  const end = await runCli(refreshArgs(logDir, flags), { DATABASE_URL: place.url });
  const busyCores = (busySeconds() - before) / end.seconds;
  const faults = [...(await fleet.drain()), ...(await place.inspect((session) => faultsOf(session, single)))];
  await place.drop();
  await rm(logDir, { recursive: true, force: true });
  if (end.code !== 0 || faults.length > 0)
    throw new Error(`${end.code} ${faults.join('; ')} ${end.stderr.slice(-300)}`);
  return { seconds: end.seconds, busyCores };
}

/** Seconds that the cores of this machine have been at work, all programs together (Linux). */
function busySeconds(): number {
  const [, user, nice, system, , , irq, softirq] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] as string)
    .split(/\s+/)
    .map(Number) as number[];
  return ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0)) / 100;
}
