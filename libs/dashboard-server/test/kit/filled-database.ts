import { BUILDERS, loadSettings, REFRESHERS, refresh } from '@ta/pipeline';
import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import {
  finishRun,
  recordItems,
  saveAsset,
  startRun,
  upsertSourceRows,
  type Database,
  type DatabaseEngine,
} from '@ta/state-store';
import { createTestDatabase, useCatalogue, type TestDatabase } from '../../../pipeline/test/test-database.ts';

/** Newest day of the prices, and a clock six hours after its end. */
export const LAST_DAY = '2024-06-30';
export const NOW_MS = Date.parse('2024-07-01T06:00:00Z');
/** The assets: the second one is stale by ten days, the third one has no prices. */
export const ASSETS = [...syntheticAssets(2), { id: 900_003, name: 'synthetic <b>empty</b>', symbol: null }];
/** Two days are missing in the middle of every sixty, and some rows are defective. */
const GAPS = { everyDays: 60, lengthDays: 2 };
const BAD_ROWS = { everyDays: 41, kinds: ['null_open', 'high_below_low'] as const };
const DAYS = 200;

const CATALOGUE = {
  timeframes: ['1D', '7D', '1W_CAL_ISO', '1W_CAL_US', '1M_CAL', '1W_CAL_ANCHOR_ISO', '1M_CAL_ANCHOR'],
  periods: [3, 9],
};

/** A small database with bars, EMAs, a run with a failure, and findings. */
export async function filledDatabase(engine: DatabaseEngine): Promise<TestDatabase> {
  const test = await createTestDatabase(engine);
  const { database } = test;
  await useCatalogue(database, CATALOGUE);
  await database.transaction(async (tx) => {
    for (const [at, asset] of ASSETS.entries()) {
      await saveAsset(tx, asset);
      const lastDay = at === 1 ? '2024-06-20' : LAST_DAY;
      if (at < 2) {
        await upsertSourceRows(
          tx,
          syntheticPrices({ seed: 5, days: DAYS, lastDay, asset, gaps: GAPS, badRows: BAD_ROWS }),
        );
      }
    }
  });
  await refreshAll(database);
  await addHistory(database);
  return test;
}

/** Refreshes everything. */
export async function refreshAll(database: Database): Promise<void> {
  const settings = await database.session((session) => loadSettings(session, { runId: 'test', zone: 'UTC' }));
  const request = {
    ...{ components: ['bars', 'emas'] as const, builders: BUILDERS, refreshers: REFRESHERS, settings },
    ...{ ids: ASSETS.slice(0, 2).map(({ id }) => id), nowMs: NOW_MS, stalenessHours: 48, skipStaleCheck: true },
    ...{ continueOnError: false, concurrency: 1 },
  };
  const report = await refresh(database, request, {}, () => 0);
  const errors = report.components.flatMap(({ steps }) => steps.flatMap((step) => step.errors));
  if (errors.length > 0) throw new Error(`the refresh failed: ${JSON.stringify(errors)}`);
}

async function addHistory(database: Database): Promise<void> {
  const at = (minute: number) => new Date(NOW_MS - 3_600_000 + minute * 60_000);
  const item = { component: 'bars', step: '1d', status: 'ok' as const, startedAt: at(1), finishedAt: at(2) };
  await database.session(async (session) => {
    await startRun(session, { runId: 'run-1', command: 'refresh', args: {}, host: 'h', pid: 1, startedAt: at(0) });
    await recordItems(session, 'run-1', [
      { ...item, id: 900_001, rowsWritten: 190 },
      { ...item, id: 900_002, rowsWritten: 180, rejected: 3 },
    ]);
    await finishRun(session, 'run-1', { status: 'ok', finishedAt: at(5), exitCode: 0 });
    await startRun(session, { runId: 'run-2', command: 'bars', args: {}, host: 'h', pid: 1, startedAt: at(10) });
    const failed = { ...item, step: 'cal_us', status: 'failed' as const, error: 'STORE_DISK_FULL: no space left' };
    await recordItems(session, 'run-2', [{ ...failed, id: 900_002 }]);
    await finishRun(session, 'run-2', { status: 'failed', finishedAt: at(11), exitCode: 1 });
    await session.run(`INSERT INTO ops_validation_results (run_id, "check", name, severity, status, table_name, id, tf, message) VALUES
      ('run-2', 'B03', 'gaps-1d', 'WARNING', 'FAIL', NULL, NULL, NULL, '1 finding(s)'),
      ('run-2', 'B03', 'gaps-1d', 'WARNING', 'FAIL', 'cmc_price_bars_1d', 900001, '1D', 'two days are missing')`);
  });
}
