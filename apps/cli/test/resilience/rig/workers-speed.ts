import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { runCli } from './cli-process.ts';
import { startFleet } from './fleet.ts';
import { faultsOf, type Built, type ManyAssetsArena } from './many-assets.ts';
import { refreshArgs } from './workers-trial.ts';

/** Times builds in peace: one process, and one, two and four workers on this machine, as a table. */
export async function speedTable(arena: ManyAssetsArena, single: Built): Promise<string> {
  const lines = [
    '| executed by | seconds | busy cores | against one process, 1 side by side |',
    '| --- | --- | --- | --- |',
  ];
  let base: number | undefined;
  for (const [name, workers, width] of [
    ['one process, 1 side by side', 0, 1],
    ['one process, 4 side by side', 0, 4],
    ['1 worker', 1, 1],
    ['2 workers', 2, 1],
    ['4 workers', 4, 1],
    ['2 workers, 2 side by side', 2, 2],
  ] as const) {
    const { seconds, busyCores } = await timeBuild(arena, single, workers, width);
    base ??= seconds;
    const factor = (base / seconds).toFixed(2);
    lines.push(`| ${name} | ${seconds.toFixed(1)} | ${busyCores.toFixed(2)} of ${cpus().length} | ${factor} |`);
  }
  return lines.join('\n');
}

async function timeBuild(arena: ManyAssetsArena, single: Built, workers: number, width: number) {
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
