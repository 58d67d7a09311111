// node --import tsx --conditions=@ta/source apps/cli/test/resilience/page-load.ts
//   [--connections 500] [--minutes 10] [--writers 20] [--days 4000] [--pairs 5] [--prices ID:FILE …]
// Asks the page of an embedded database for more than it wants to give, and prints what it took and how long writers waited.
// With files of daily prices it builds those, and refreshes one more day again and again, by turns with the load and without.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createWorld } from '../kit/world.ts';
import { runCli } from './rig/cli-process.ts';
import { growingPrices, type GrowingPrices } from './rig/growing-prices.ts';
import { byTurns, loadPage, MOST_PAGE_MB, takeTurns, type Traffic } from './rig/page-load.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '10' },
    writers: { type: 'string', default: '20' },
    days: { type: 'string', default: '4000' },
    pairs: { type: 'string', default: '5' },
    prices: { type: 'string', multiple: true, default: [] },
  },
});
/** A writer waits for no longer than this, and a refresh takes no longer than this more, milliseconds. */
const LONGEST_DELAY_MS = 5_000;

const connections = Number(values.connections);
const writers = Number(values.writers);
const lengthMs = Number(values.minutes) * 60_000;
const steady = Math.ceil(connections / 50);
const unread = Math.ceil(connections * 0.6);
const regular = 1;

const place = values.prices.length > 0 ? await realPrices(values.prices, Number(values.pairs)) : await madeUpPrices();
try {
  const { dir, ids, emas, meanwhile } = place;
  const load = { unread, slow: connections - unread - steady - regular, steady, regular, ids, emas };
  const { answered, refused, cut, baseMb, mostMb, result } = await loadPage(dir, load, meanwhile);
  console.log(`connections: ${connections} (${unread} read nothing, ${steady} never stop), minutes: ${values.minutes}`);
  console.log(`answered: ${answered}; refused: ${refused}; cut: ${cut}`);
  console.log(`memory, MB: ${baseMb ?? '?'} after the first answer, ${mostMb ?? '?'} at most`);
  console.log(`waits of ${result.waits.length} writers, ms: ${medianAndMost(result.waits)}`);
  let delayMs = Math.max(...result.waits);
  if (result.loaded.length > 0) {
    console.log(`refreshes of a day under load, ms: ${medianAndMost(result.loaded)}; all ${list(result.loaded)}`);
    console.log(`the same without it, ms: ${medianAndMost(result.alone)}; all ${list(result.alone)}`);
    delayMs = Math.max(delayMs, median(result.loaded) - median(result.alone));
    console.log(`delay of the median, ms: ${Math.round(median(result.loaded) - median(result.alone))}`);
  }
  if ((mostMb ?? 0) > MOST_PAGE_MB || delayMs > LONGEST_DELAY_MS) process.exitCode = 1;
} finally {
  await place.drop();
}

/** A database that is ready for the page, and what is done with it while the page is asked. */
interface LoadedPlace {
  readonly dir: string;
  readonly ids: readonly number[];
  readonly emas: string;
  meanwhile(traffic: Traffic): Promise<{ waits: number[]; loaded: number[]; alone: number[] }>;
  drop(): void | Promise<void>;
}

async function madeUpPrices(): Promise<LoadedPlace> {
  const world = await createWorld({ engine: 'pglite', days: Number(values.days) });
  await command(['refresh', '--all', '--as-of', '2024-06-28', '--log-dir', world.logDir], world.env);
  const dir = world.env['DB_DIR'] as string;
  return {
    ...{ dir, ids: world.ids, emas: 'multi_tf:2,multi_tf:5' },
    meanwhile: async (traffic) => ({ waits: await takeTurns(dir, writers, lengthMs, traffic), loaded: [], alone: [] }),
    drop: () => world.drop(),
  };
}

async function realPrices(files: readonly string[], pairs: number): Promise<LoadedPlace> {
  const root = mkdtempSync(path.join(tmpdir(), 'ta-page-load-'));
  const dir = path.join(root, 'pg');
  const named = files.map((text) => /^(?<id>\d+):(?<path>.+)$/.exec(text)?.groups ?? {});
  const prices = growingPrices(
    named.map(({ id, path: file = '' }) => ({ id: Number(id), path: file })),
    root,
    2 * pairs,
  );
  const refresh = () => refreshOnce(prices, { DB_DIR: dir }, path.join(root, 'logs'));
  const drop = () => rmSync(root, { recursive: true, force: true });
  try {
    console.log(`built ${prices.ids.length} assets up to ${prices.day()} in ${Math.round(await refresh())} ms`);
  } catch (error) {
    drop();
    throw error;
  }
  const nextDay = async () => {
    prices.grow();
    const ms = await refresh();
    console.log(`refresh to ${prices.day()}, ms: ${Math.round(ms)}`);
    return ms;
  };
  return {
    ...{ dir, ids: prices.ids, emas: 'multi_tf:20,multi_tf:50,multi_tf:100,multi_tf:200', drop },
    async meanwhile(traffic) {
      const waits: number[] = [];
      const partMs = lengthMs / pairs;
      const underLoad = async (timed: () => Promise<void>) => {
        const untilMs = performance.now() + partMs;
        waits.push(...(await takeTurns(dir, Math.ceil(writers / pairs), partMs / 2, traffic)));
        await timed();
        await sleep(Math.max(0, untilMs - performance.now()));
      };
      return { ...(await byTurns(pairs, nextDay, underLoad, traffic)), waits };
    },
  };
}

/** Imports the files as they are and refreshes; tells how long the refresh took, milliseconds. */
async function refreshOnce(prices: GrowingPrices, env: Record<string, string>, logDir: string): Promise<number> {
  for (const { id, path: file } of prices.files())
    await command(['import', 'csv', file, '--id', String(id), '--log-dir', logDir], env);
  const { seconds } = await command(['refresh', '--all', '--as-of', prices.day(), '--log-dir', logDir], env);
  return seconds * 1000;
}

async function command(words: readonly string[], env: Readonly<Record<string, string>>) {
  const end = await runCli(words, env);
  if (end.code !== 0) throw new Error(`${words.slice(0, 2).join(' ')} ended with ${end.code}: ${end.stderr}`);
  return end;
}

function median(ms: readonly number[]): number {
  return ms.toSorted((a, b) => a - b)[ms.length >> 1] ?? NaN;
}

function medianAndMost(ms: readonly number[]): string {
  return `median ${Math.round(median(ms))}, most ${Math.round(Math.max(...ms))}`;
}

function list(ms: readonly number[]): string {
  return ms.map((each) => Math.round(each)).join(' ');
}
