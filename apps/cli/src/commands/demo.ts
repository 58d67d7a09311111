import path from 'node:path';
import {
  banner,
  commandOf,
  DAY_MS,
  flag,
  type Argv,
  type CommandModule,
  type FlagsOf,
  type Surroundings,
} from '@ta/cli-kit';
import type { SourceBatch, SyntheticAsset } from '@ta/price-import';
import { withReadableDatabase } from '../readable-database.ts';
import type { LoggedDatabase } from '../command-log.ts';
import { refreshCommand } from './refresh.ts';
import { tableText } from '../report/table.ts';

const ASSETS = 3;
const GAPS = { everyDays: 200, lengthDays: 3 };
const BAD_ROWS = { everyDays: 151 };

const options = (yargs: Argv) =>
  yargs.options({
    dir: flag.text('Folder of the demo database', { default: '.demo' }),
    seed: flag.number('Seed of the synthetic prices', { default: 42 }),
    days: flag.number('Days of history, ending yesterday', { default: 1200 }),
    verbose: flag.off('Print a line for each id and step'),
  });
type DemoFlags = FlagsOf<typeof options>;

/** An asset and its prices. */
interface MadeUp {
  readonly asset: SyntheticAsset;
  readonly batch: SourceBatch;
}

/** `ta demo`: runs the whole program on synthetic prices of three assets, in a separate folder. */
export function demoCommand(around: Surroundings): CommandModule {
  return commandOf({
    command: 'demo',
    describe: 'Try it: turn synthetic prices of 3 assets into bars and EMAs, in a folder of its own',
    builder: options,
    handler: (flags) => runDemo(around, flags),
  });
}

async function runDemo(around: Surroundings, flags: DemoFlags): Promise<void> {
  const dir = path.resolve(around.root, flags.dir);
  // the demo gets an environment of its own, so it can never touch a configured database; it shares the folder of the logs
  const { LOG_RETENTION_DAYS } = around.env;
  const inside: Surroundings = { ...around, env: { DB_DIR: path.join(dir, 'pg'), LOG_RETENTION_DAYS } };
  inside.print(banner('DEMO: SYNTHETIC PRICES, NOT MARKET DATA'));
  await importSynthetic(inside, flags);
  const refreshFlags = {
    all: true,
    fullRebuild: false,
    verbose: flags.verbose,
    quiet: false,
    continueOnError: false,
    allowUnknownIds: false,
    waitLock: 0,
  };
  await refreshCommand(inside).handler({ ...refreshFlags, $0: 'ta', _: [] });
  await showResult(inside);
  const { shownPath } = await import('@ta/state-store/open');
  const shown = shownPath(dir, around.root);
  inside.print(`\nLook around:  DB_DIR=${shown}/pg npx ta sql "SELECT tf, count(*) FROM cmc_ema_multi_tf GROUP BY tf"`);
}

async function importSynthetic(surroundings: Surroundings, flags: DemoFlags): Promise<void> {
  const { withLoggedDatabase } = await import('../command-log.ts');
  const { syntheticAssets, syntheticPrices } = await import('@ta/price-import');
  const { seed, days } = flags;
  const lastDay = new Date(surroundings.now() - DAY_MS).toISOString().slice(0, 10);
  // first, since it refuses flags that make no sense
  const made = syntheticAssets(ASSETS).map((asset) => ({
    asset,
    batch: syntheticPrices({ seed, days, lastDay, asset, gaps: GAPS, badRows: BAD_ROWS }),
  }));
  const command = { flags: {}, command: 'demo', facts: { seed, days }, makesDatabase: true } as const;
  await withLoggedDatabase(surroundings, command, (open) => writeSynthetic(open, made));
}

async function writeSynthetic({ around, database }: LoggedDatabase, made: readonly MadeUp[]): Promise<void> {
  const { priceSink } = await import('../price-sink.ts');
  for (const { asset, batch } of made) {
    const counts = await database.transaction(async (tx) => {
      const sink = priceSink(tx);
      await sink.saveAsset({ ...asset, isCloseOnly: false });
      return sink.upsert(batch);
    });
    around.print(
      `[OK] id ${asset.id} (${asset.name}): ${batch.length} rows, ${counts.inserted} new, ${counts.updated} changed`,
    );
  }
}

async function showResult(around: Surroundings): Promise<void> {
  await withReadableDatabase(around, {}, async ({ database }) => {
    const { readTableSpans } = await import('@ta/state-store/open');
    const rows = await database.session(readTableSpans);
    around.print(`\n${tableText(rows, 'table')}`);
  });
}
