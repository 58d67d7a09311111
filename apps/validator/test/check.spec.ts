import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRedact, type Surroundings } from '@ta/cli-kit';
import { BUILDERS, dimensionSeeds, loadSettings, refresh, REFRESHERS } from '@ta/pipeline';
import { syntheticPrices } from '@ta/price-import';
import { migrate, openDatabase, saveAsset, seedDimensions, upsertSourceRows, type Database } from '@ta/state-store';
import { check } from '../src/commands/check.ts';
import type { CheckFlags } from '../src/check-flags.ts';

const ID = 900_001;
const AS_OF = '2024-06-30';
const FLAGS: CheckFlags = {
  scope: 'all',
  profile: 'full',
  sampleSize: 50,
  seed: 42,
  relTol: 1e-9,
  stalenessHours: 48,
  asOf: AS_OF,
  failOn: 'ERROR',
  format: 'table',
  limit: 20,
  save: false,
  list: false,
  verbose: false,
};

const folder = mkdtempSync(join(tmpdir(), 'validator-'));
const dir = join(folder, 'pg');

/** A process with nothing but a folder; what it prints is kept. */
function surroundings(root: string): Surroundings & { out: string; err: string } {
  const around = {
    out: '',
    err: '',
    root,
    env: { DB_DIR: dir },
    isTty: false,
    host: 'test',
    pid: 1,
    now: () => Date.UTC(2024, 6, 1),
    monotonic: () => 0,
    write: (text: string) => void (around.out += text),
    print: (line: string) => void (around.out += `${line}\n`),
    warn: (line: string) => void (around.err += `${line}\n`),
    redact: createRedact([]),
  };
  return around;
}

async function run(flags: Partial<CheckFlags>, root = folder) {
  const around = surroundings(root);
  process.exitCode = undefined;
  await check(around, { ...FLAGS, ...flags });
  return { out: around.out, err: around.err, exitCode: process.exitCode ?? 0 };
}

async function inDatabase(work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = await openDatabase({ engine: 'pglite', dir, source: 'test' });
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

beforeAll(() =>
  inDatabase(async (database) => {
    await migrate(database);
    await seedDimensions(database, dimensionSeeds());
    const asset = { id: ID, name: 'synthetic asset 1', symbol: 'SYN1' };
    await database.transaction(async (tx) => {
      await tx.run(`UPDATE dim_timeframe SET is_canonical = tf IN ('1D', '7D', '1W_CAL_US', '1M_CAL_ANCHOR')`);
      await tx.run('DELETE FROM ema_alpha_lookup WHERE period > 9');
      await tx.run('DELETE FROM dim_period WHERE period > 9');
      await saveAsset(tx, asset);
      await upsertSourceRows(tx, syntheticPrices({ seed: 3, days: 80, lastDay: AS_OF, asset }));
    });
    const settings = await database.session((session) => loadSettings(session, { runId: 'r', zone: 'UTC' }));
    const request = {
      components: ['bars', 'emas'] as const,
      builders: BUILDERS,
      refreshers: REFRESHERS,
      ids: [ID],
      settings,
      nowMs: Date.UTC(2024, 6, 1),
      stalenessHours: 48,
      skipStaleCheck: true,
      continueOnError: false,
      concurrency: 1,
    };
    await refresh(database, request, {}, () => 0);
  }),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = undefined;
});

describe('validator check', () => {
  it('passes a sound database with exit code 0', async () => {
    const { out, exitCode } = await run({});
    expect(exitCode).toBe(0);
    expect(out).toContain(
      'Checks: 37 | Passed: 37 | Failed: 0 | Skipped: 0 | Findings: 0 (CRITICAL 0, ERROR 0, WARNING 0)',
    );
    expect(out.trimEnd().endsWith('[OK] Validation passed')).toBe(true);
  });

  it('writes JSON to a file, and the sums to stdout', async () => {
    const { out } = await run({ format: 'json', out: 'report.json', scope: 'bars' });
    expect(out).toMatch(/^Checks: 23 .*\n\[OK\] Validation passed\n$/);
    const document = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as {
      summary: object;
      checks: object[];
    };
    expect(document.summary).toMatchObject({ total: 23, passed: 23, isPassed: true });
    expect(document.checks).toHaveLength(23);
  });

  it('refuses unknown ids and files that cannot be written', async () => {
    await expect(run({ ids: '77' })).rejects.toThrow(expect.objectContaining({ code: 'CLI_UNKNOWN_IDS', exitCode: 2 }));
    await expect(run({ out: 'no/such/folder/x' })).rejects.toThrow(
      expect.objectContaining({ code: 'CLI_CANNOT_WRITE' }),
    );
  });

  it('keeps its results when asked to', async () => {
    await run({ save: true, checks: 'B09,B17' });
    await inDatabase(async (database) => {
      const rows = await database.session((session) =>
        session.query(`SELECT "check", status FROM ops_validation_results ORDER BY 1`),
      );
      expect(rows).toStrictEqual([
        { check: 'B09', status: 'PASS' },
        { check: 'B17', status: 'PASS' },
      ]);
    });
  });

  it('fails with exit code 1 on a planted defect, and says what, where and what to do', async () => {
    const change = (factor: number) =>
      inDatabase((database) =>
        database.session((session) =>
          session.run(
            `UPDATE cmc_ema_multi_tf SET ema = ema * ${factor} WHERE tf = '7D' AND period = 6 AND ts = '2024-06-20 23:59:59.999Z'`,
          ),
        ),
      );
    await change(2);
    try {
      const { out, exitCode } = await run({ scope: 'emas' });
      expect(exitCode).toBe(1);
      expect(out).toContain('[CRITICAL] cmc_ema_multi_tf: id 900001, 7D/6, 2024-06-20T23:59:59.999Z: ema is');
      expect(out).toContain('What to do: Run `ta emas --ids <id> --full-rebuild`');
      expect(out).toContain('[FAILED] Validation failed');
      const junit = await run({ scope: 'emas', format: 'junit' });
      expect(junit.out).toContain('<failure type="CRITICAL"');
      const csv = await run({ checks: 'E07', format: 'csv' });
      expect(csv.out.split('\n')[1]).toMatch(/^E07,recompute,CRITICAL,cmc_ema_multi_tf,900001,7D,6,/);
    } finally {
      await change(0.5);
    }
  });

  it('says what to do when there is no database', async () => {
    const around = { ...surroundings(folder), env: { DB_DIR: join(folder, 'none') } };
    await expect(check(around, FLAGS)).rejects.toThrow(
      expect.objectContaining({ code: 'CLI_NO_DATABASE', exitCode: 4 }),
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
