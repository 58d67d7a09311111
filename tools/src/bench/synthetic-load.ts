import { ONE_DAY_MS } from '@ta/bars-core/engine';
import { syntheticAssets, syntheticPrices, type SyntheticAsset } from '@ta/price-import';
import { saveAsset, upsertSourceRows, type Database } from '@ta/state-store';
import { seedsOf, type Catalogue } from './catalogue.ts';
import type { Workbench } from './workbench.ts';

/** Any fixed number: every run of the benchmark sees the same prices. */
const SEED = 20_240_101;
const LAST_DAY_MS = Date.UTC(2025, 5, 30);

/** The number of made-up assets, the days of each, and what is built from them. */
export interface Shape {
  readonly assets: number;
  readonly days: number;
  /** Whether there are gaps and days that are repaired, rejected or doubled, as in real files. */
  readonly hasDefects?: boolean;
  /** Days of each asset when they differ; `days` is then the largest of them. */
  readonly daysOf?: readonly number[];
  /** The timeframes and periods to build, instead of all. */
  readonly catalogue?: Catalogue;
}

/** `10 assets × 2,000 days`. */
export function shapeText({ assets, days }: Shape): string {
  return `${assets} asset${assets === 1 ? '' : 's'} × ${days.toLocaleString('en-US')} days`;
}

/** A database with the schema, the assets and their source rows, but no derived rows; made once per shape. */
export function sourceDatabase(bench: Workbench, shape: Shape): Promise<string> {
  return bench.once(`source ${JSON.stringify(shape)}`, async () => {
    bench.note(`making prices: ${shapeText(shape)}`);
    const { catalogue } = shape;
    const name = await (catalogue === undefined
      ? bench.create('source')
      : bench.createSeeded('source', seedsOf(catalogue)));
    await bench.using(name, (database) => loadPrices(database, shape));
    return name;
  });
}

/** Loads the source rows of a shape. */
export async function loadPrices(database: Database, shape: Shape): Promise<void> {
  for (const [at, asset] of syntheticAssets(shape.assets).entries()) {
    const prices = pricesOf(asset, at, shape, 0);
    await database.transaction(async (tx) => {
      await saveAsset(tx, asset);
      await upsertSourceRows(tx, prices);
    });
  }
}

/** Adds day number `extraDays` (from 1) after the history of every asset. */
export async function loadDay(database: Database, shape: Shape, extraDays: number): Promise<void> {
  for (const [at, asset] of syntheticAssets(shape.assets).entries()) {
    const prices = pricesOf(asset, at, shape, extraDays);
    const last = prices.length - 1;
    const day = Object.fromEntries(
      Object.entries(prices).map(([name, column]) => [name, typeof column === 'number' ? column : column.slice(last)]),
    ) as unknown as typeof prices;
    await database.transaction((tx) => upsertSourceRows(tx, { ...day, length: 1 }));
  }
}

/** The clock of a run after `extraDays` more days: noon of the day after the newest row, epoch ms. */
export function clockAfter(extraDays = 0): number {
  return newestDayMs(extraDays) + 1.5 * ONE_DAY_MS;
}

/** Start of the newest row's day after `extraDays` more days, epoch ms: the rows of earlier days close before it. */
export function newestDayMs(extraDays = 0): number {
  return LAST_DAY_MS + extraDays * ONE_DAY_MS;
}

/** The ids of the first assets. */
export function idsOf(assets: number): number[] {
  return syntheticAssets(assets).map(({ id }) => id);
}

function pricesOf(asset: SyntheticAsset, at: number, { days, daysOf, hasDefects }: Shape, extraDays: number) {
  return syntheticPrices({
    seed: SEED,
    days: (daysOf?.[at] ?? days) + extraDays,
    lastDay: new Date(LAST_DAY_MS + extraDays * ONE_DAY_MS).toISOString().slice(0, 10),
    asset,
    gaps: hasDefects ? { everyDays: 200, lengthDays: 3 } : undefined,
    badRows: hasDefects ? { everyDays: 151 } : undefined,
  });
}
