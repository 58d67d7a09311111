import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '@ta/state-store';
import { PROFILES, runChecks, validationRequest, type Finding } from '../src/index.ts';
import { contentHash } from './fixtures/content-hash.ts';
import { DEFECTS } from './fixtures/defects.ts';
import { newChecks, validate, verdictOn } from './fixtures/planted.ts';
import { AS_OF_TS, refreshedDatabase } from './fixtures/refreshed-database.ts';
import { createServerDatabase, SERVER_URL } from './fixtures/server-database.ts';

if (SERVER_URL === undefined && process.env['REQUIRE_PG'] === '1') {
  it('TEST_DATABASE_URL is set, as REQUIRE_PG=1 demands', () => expect(SERVER_URL).toBeTruthy());
}
if (SERVER_URL === undefined) console.warn('SKIPPED on PostgreSQL: validation (TEST_DATABASE_URL is not set)');

/** One defect of each way of looking: SQL on rows, counts, recomputation, state, catalogue. */
const SAMPLE = ['B03', 'B08', 'B13', 'B15', 'B16', 'B20', 'E03', 'E07', 'E09', 'E11'];

describe.skipIf(SERVER_URL === undefined)('validation on PostgreSQL', () => {
  let database: Database;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const created = await createServerDatabase();
    drop = created.drop;
    await (await refreshedDatabase(created.target)).close();
    database = await openDatabase(created.target, { poolSize: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await drop?.();
  });

  it.each(PROFILES)('passes %s with several connections, and finds what one connection finds', async (profile) => {
    const [one, three] = [
      await validate(database, { profile, concurrency: 1 }),
      await validate(database, { profile, concurrency: 3 }),
    ];
    expect(three.findings.filter(({ severity }) => severity !== 'WARNING')).toStrictEqual([]);
    expect(three.findings).toStrictEqual(one.findings);
    expect(three.result.isPassed).toBe(true);
  });

  it('is untouched by a validation', async () => {
    const before = await database.session(contentHash);
    await validate(database, { concurrency: 3 });
    expect(await database.session(contentHash)).toBe(before);
  });

  it('sees one instant of the database, also on its other connections', async () => {
    let deleted: Promise<unknown> | undefined;
    const statement = `DELETE FROM cmc_ema_multi_tf WHERE tf = '7D'`;
    const findings: Finding[] = [];
    await runChecks(
      database,
      validationRequest({ asOfTs: AS_OF_TS, concurrency: 2, scope: 'emas' }),
      {
        checkStarted: () => {
          // another program changes the data while the checks run
          deleted ??= database.session((session) => session.run(`BEGIN; ${statement}; COMMIT`));
        },
        finding: (finding) => findings.push(finding),
      },
      () => 0,
    );
    await deleted;
    expect(findings.filter(({ severity }) => severity !== 'WARNING')).toStrictEqual([]);
    expect((await validate(database, { checks: ['E05'] })).result.isPassed).toBe(false);
  });
});

describe.skipIf(SERVER_URL === undefined)('a planted defect on PostgreSQL', () => {
  let database: Database;
  let drop: () => Promise<void>;
  let baseline: readonly Finding[];
  beforeAll(async () => {
    const created = await createServerDatabase();
    drop = created.drop;
    database = await refreshedDatabase(created.target);
    baseline = (await validate(database)).findings;
  });
  afterAll(async () => {
    await database?.close();
    await drop?.();
  });

  const defects = DEFECTS.filter(
    ({ check }, i) => SAMPLE.includes(check) && DEFECTS.findIndex((d) => d.check === check) === i,
  );
  it.each(defects.map((defect) => [defect.check, defect.title, defect] as const))(
    '%s: %s is found by the same checks as on PGlite',
    async (_, __, defect) => {
      // other connections do not see what is planted in an open transaction
      const { findings } = await verdictOn(database, (tx) => defect.plant(tx), { concurrency: 1 });
      expect(newChecks(findings, baseline)).toStrictEqual([...defect.fires].sort());
    },
  );
});
