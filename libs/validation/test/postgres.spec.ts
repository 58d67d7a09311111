import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, partitionTables, type Database } from '@ta/state-store';
import { runChecks, validateRefresh, validationRequest, type Finding } from '../src/index.ts';
import { removedEmas } from '../../pipeline/test/ema-edits.ts';
import { contentHash } from './fixtures/content-hash.ts';
import { DEFECTS, idsOf } from './fixtures/defects.ts';
import { newChecks, validate, verdictOn, type Verdict } from './fixtures/planted.ts';
import { AS_OF_TS, refreshedDatabase } from './fixtures/refreshed-database.ts';
import { createServerDatabase, SERVER_URL, type ServerDatabase } from './fixtures/server-database.ts';

if (SERVER_URL === undefined && process.env['REQUIRE_PG'] === '1') {
  throw new Error('REQUIRE_PG=1, but TEST_DATABASE_URL is not set.');
}
if (SERVER_URL === undefined) console.warn('SKIPPED on PostgreSQL: validation (TEST_DATABASE_URL is not set)');

/** How much is computed a second time in SQL, by profile: a few series. */
const CHOICES = { fast: { profile: 'fast' }, paranoid: { profile: 'paranoid', sampleSize: 16 } } as const;

/** One defect of each way of looking: SQL on rows, counts, recomputation, state, catalogue. */
const SAMPLE = ['B03', 'B08', 'B13', 'B16', 'E03', 'E09'];

describe.skipIf(SERVER_URL === undefined)('validation on PostgreSQL', () => {
  let server: ServerDatabase;
  let database: Database;
  let baseline: readonly Finding[];
  /** What one connection finds. */
  let byOne: Record<keyof typeof CHOICES, Verdict>;
  beforeAll(async () => {
    server = await createServerDatabase();
    await (await refreshedDatabase(server.target)).close();
    database = await openDatabase((await server.copy()).target, { poolSize: 4 });
    byOne = {
      fast: await validate(database, { ...CHOICES.fast, concurrency: 1 }),
      paranoid: await validate(database, { ...CHOICES.paranoid, concurrency: 1 }),
    };
    baseline = byOne.paranoid.findings;
  });
  afterAll(async () => {
    await database?.close();
    await server?.drop();
  });

  // `paranoid` is `full` and a second computation
  it.each(['fast', 'paranoid'] as const)(
    'passes %s with several connections, and finds what one connection finds',
    async (profile) => {
      const before = await database.session(contentHash);
      const [one, three] = [byOne[profile], await validate(database, { ...CHOICES[profile], concurrency: 3 })];
      expect(three.findings.filter(({ severity }) => severity !== 'WARNING')).toStrictEqual([]);
      expect(three.findings).toStrictEqual(one.findings);
      expect(three.result.isPassed).toBe(true);
      expect(await database.session(contentHash)).toBe(before);
    },
  );

  it('finds the same where the tables are split by id, and a part that is missing', async () => {
    const split = await openDatabase((await server.copy()).target, { poolSize: 4 });
    try {
      await partitionTables(split, 3);
      const { findings, result } = await validate(split, { ...CHOICES.paranoid, concurrency: 3 });
      expect([findings, result.isPassed]).toStrictEqual([byOne.paranoid.findings, true]);
      const lost = await verdictOn(
        split,
        (tx) => tx.run('ALTER TABLE bar_rows_cal_us DETACH PARTITION bar_rows_cal_us_h3_1'),
        { checks: ['E11'], concurrency: 1 },
      );
      expect(lost.findings.map(({ message }) => message).join()).toContain('parts of bar_rows_cal_us are missing');
    } finally {
      await split.close();
    }
  });

  it('ends a validation that takes too long, also while the server works', async () => {
    await database.transaction(async (tx) => {
      // nothing can be read while this lock is held
      await tx.run('LOCK TABLE cmc_ema_multi_tf IN ACCESS EXCLUSIVE MODE');
      const request = validationRequest({ asOfTs: AS_OF_TS, scope: 'emas', concurrency: 1 });
      const choice = { request, runId: 'r', timeoutMs: 300, isStrict: false, limit: 5 };
      const outcome = await validateRefresh(database, choice, {}, () => performance.now());
      expect(outcome).toMatchObject({ status: 'failed', isTimedOut: true, note: 'Timed out after 0.3s', event: null });
    });
  });

  // every check on one of its defects, perhaps another in the next run
  const drawn = fc.sample(fc.shuffledSubarray([...DEFECTS], { minLength: DEFECTS.length }), 1)[0];
  const oneOfEach = drawn.filter(({ check }, i) => drawn.findIndex((other) => other.check === check) === i);
  it.each(oneOfEach.map((defect) => [defect.check, defect.title, defect] as const))(
    '%s: %s is found by the same checks as on PGlite',
    async (_, __, defect) => {
      // other connections do not see what is planted in an open transaction; that no other check fires is seen on PGlite
      const choice = { checks: defect.fires, ids: idsOf(defect), concurrency: 1 };
      const { findings } = await verdictOn(database, (tx) => defect.plant(tx), choice);
      expect(newChecks(findings, baseline)).toStrictEqual([...defect.fires].sort());
    },
  );

  const sample = DEFECTS.filter(
    ({ check }, i) => SAMPLE.includes(check) && DEFECTS.findIndex((d) => d.check === check) === i,
  );
  it.each(sample.map((defect) => [defect.check, defect.title, defect] as const))(
    '%s: %s is found by several connections once it is committed',
    async (_, __, defect) => {
      const copy = await server.copy();
      const own = await openDatabase(copy.target, { poolSize: 4 });
      try {
        await own.transaction((tx) => defect.plant(tx));
        const { findings, result } = await validate(own, { checks: defect.fires, concurrency: 3 });
        expect(newChecks(findings, baseline)).toStrictEqual([...defect.fires].sort());
        expect(result.isPassed).toBe(false);
      } finally {
        await own.close();
      }
    },
  );

  it('sees one instant of the database, also on its other connections', async () => {
    const own = await openDatabase((await server.copy()).target, { poolSize: 4 });
    let deleted: Promise<unknown> | undefined;
    const statement = removedEmas({ table: 'cmc_ema_multi_tf', tf: '7D' });
    const findings: Finding[] = [];
    try {
      await runChecks(
        own,
        validationRequest({ asOfTs: AS_OF_TS, concurrency: 2, scope: 'emas' }),
        {
          checkStarted: () => {
            // another program changes the data while the checks run
            deleted ??= own.session((session) => session.run(`BEGIN; ${statement}; COMMIT`));
          },
          finding: (finding) => findings.push(finding),
        },
        () => 0,
      );
      await deleted;
      expect(findings.filter(({ severity }) => severity !== 'WARNING')).toStrictEqual([]);
      expect((await validate(own, { checks: ['E05'] })).result.isPassed).toBe(false);
    } finally {
      await own.close();
    }
  });
});
