import path from 'node:path';
import { banner, type Surroundings, type Argv, type CommandModule, DAY_MS } from '@ta/cli-kit';
import { withReadableDatabase, withWritableDatabase } from '../database-access.ts';
import { refreshCommand } from './refresh.ts';
import { tableText } from '../report/table.ts';

interface DemoFlags {
  dir: string;
  seed: number;
  days: number;
  verbose: boolean;
}

const ASSETS = 3;
const GAPS = { everyDays: 200, lengthDays: 3 };
const BAD_ROWS = { everyDays: 151 };

/** `ta demo`: made-up prices of three assets through the whole program, in a folder of its own. */
export function demoCommand(around: Surroundings): CommandModule {
  return {
    command: 'demo',
    describe: 'Try it: turn synthetic prices of 3 assets into bars and EMAs, in a folder of its own',
    builder: (yargs: Argv) =>
      yargs
        .option('dir', { type: 'string', default: '.demo', describe: 'Folder of the demo database' })
        .option('seed', { type: 'number', default: 42, describe: 'Seed of the synthetic prices' })
        .option('days', { type: 'number', default: 1200, describe: 'Days of history, ending yesterday' })
        .option('verbose', { type: 'boolean', default: false, describe: 'Print a line for each id and step' }),
    handler: (args) => runDemo(around, args as unknown as DemoFlags),
  };
}

async function runDemo(around: Surroundings, flags: DemoFlags): Promise<void> {
  const dir = path.resolve(around.root, flags.dir);
  // The demo never touches a configured database: it sees none.
  const inside: Surroundings = { ...around, env: { DB_DIR: path.join(dir, 'pg') } };
  inside.print(banner('DEMO: SYNTHETIC PRICES, NOT MARKET DATA'));
  await importSynthetic(inside, flags);
  const refreshFlags = {
    all: true,
    fullRebuild: false,
    verbose: flags.verbose,
    quiet: false,
    continueOnError: false,
    lookbackDays: 3,
    onBackfill: 'rebuild',
    allowUnknownIds: false,
    waitLock: 0,
  };
  await refreshCommand(inside).handler({ ...refreshFlags, $0: 'ta', _: [] });
  await showResult(inside);
  const shown = path.relative(around.root, dir) || '.';
  inside.print(`\nLook around:  DB_DIR=${shown}/pg npx ta sql "SELECT tf, count(*) FROM cmc_ema_multi_tf GROUP BY tf"`);
}

async function importSynthetic(surroundings: Surroundings, flags: DemoFlags): Promise<void> {
  const { withCommandLog } = await import('../command-log.ts');
  const { seed, days } = flags;
  await withCommandLog(surroundings, {}, 'demo', { seed, days }, ({ around, runId }) =>
    writeSynthetic(around, flags, runId),
  );
}

async function writeSynthetic(around: Surroundings, flags: DemoFlags, runId: string): Promise<void> {
  const { syntheticAssets, syntheticPrices } = await import('@ta/price-import');
  const { priceSink } = await import('../price-sink.ts');
  const lastDay = new Date(around.now() - DAY_MS).toISOString().slice(0, 10);
  await withWritableDatabase(around, { command: 'demo', runId }, async ({ database }) => {
    for (const asset of syntheticAssets(ASSETS)) {
      const batch = syntheticPrices({
        seed: flags.seed,
        days: flags.days,
        lastDay,
        asset,
        gaps: GAPS,
        badRows: BAD_ROWS,
      });
      const counts = await database.transaction(async (tx) => {
        const sink = priceSink(tx);
        await sink.saveAsset({ ...asset, isCloseOnly: false });
        return sink.upsert(batch);
      });
      around.print(
        `[OK] id ${asset.id} (${asset.name}): ${batch.length} rows, ${counts.inserted} new, ${counts.updated} changed`,
      );
    }
  });
}

const RESULT = `
  SELECT 'cmc_price_bars_1d' AS "table", count(*) AS rows, min("timestamp") AS first, max("timestamp") AS last FROM cmc_price_bars_1d
  UNION ALL SELECT 'cmc_price_bars_1d_rejects', count(*), min("timestamp"), max("timestamp") FROM cmc_price_bars_1d_rejects
  UNION ALL SELECT 'cmc_price_bars_' || alignment_source, count(*), min(time_close), max(time_close)
              FROM cmc_price_bars_multi_tf_u GROUP BY alignment_source
  UNION ALL SELECT 'cmc_ema_' || alignment_source, count(*), min(ts), max(ts)
              FROM cmc_ema_multi_tf_u GROUP BY alignment_source
  ORDER BY 1`;

async function showResult(around: Surroundings): Promise<void> {
  await withReadableDatabase(around, {}, async ({ database }) => {
    const rows = await database.session((session) => session.query(RESULT));
    around.print(`\n${tableText(rows, 'table')}`);
  });
}
