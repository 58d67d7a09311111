import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import type { Finding } from '../src/index.ts';
import { validate } from './fixtures/planted.ts';
import { refreshAll, refreshedDatabase } from './fixtures/refreshed-database.ts';
import { createServerDatabase, SERVER_URL, type ServerDatabase } from './fixtures/server-database.ts';

const DAYS = 90;
/** `paranoid` is `full` and a second computation. */
const PROFILES = ['fast', 'paranoid'] as const;
/** Checks that look at the clock, which is another one for each case. */
const OF_CLOCK = ['B05', 'B09', 'B10'];

/** Zones whose rules differ among versions of Node, PGlite and PostgreSQL, and others that are awkward; stamp of the days. */
const CASES = [
  // Morocco gave up its summer time on 2026-09-20: Node 20 does not know
  { zone: 'Africa/Casablanca', first: '2026-08-01', stamp: '23:59:59.999' },
  // British Columbia kept summer time on 2026-11-01: Node 20 and Debian's PostgreSQL 15 do not know
  { zone: 'America/Vancouver', first: '2026-09-20', stamp: '07:00' },
  { zone: 'America/Vancouver', first: '2026-09-20', stamp: '23:59:59.999' },
  // the clock goes back from 00:00 to 23:00 of the day before, or did
  { zone: 'America/Sao_Paulo', first: '2017-12-20', stamp: '02:30' },
  { zone: 'America/St_Johns', first: '2007-09-01', stamp: '03:29:59' },
  { zone: 'Australia/Lord_Howe', first: '2024-02-01', stamp: '13:15' },
  // a day that was left out
  { zone: 'Pacific/Apia', first: '2011-11-15', stamp: '10:00' },
  { zone: 'Asia/Kolkata', first: '2024-01-01', stamp: '18:30' },
].map((each, i) => ({ ...each, id: i + 1 }));

const { seed = 0 } = fc.readConfigureGlobal();
/**
 * `fast` computes more series than there are, and `paranoid` a second time in SQL all that there are of bars, and a third of
 * those of EMAs, perhaps others in the next run.
 */
const SAMPLES = {
  fast: { sampleSize: 100_000 },
  paranoid: { sampleSize: 80, seed: Math.abs(seed) },
};

/** All on the first engine, half of them, which is drawn, on the second; `make soak` has no server, and takes all. */
function casesOn(engine: (typeof engines)[number]): typeof CASES {
  if (engine === engines[0]) return CASES;
  const half = { minLength: CASES.length / 2, maxLength: CASES.length / 2 };
  return fc.sample(fc.subarray(CASES, half), 1)[0] as typeof CASES;
}

const engines = [...(SERVER_URL === undefined ? [] : ['postgres' as const]), 'pglite' as const];

describe.each(engines)('days of zones, on %s', (engine) => {
  const cases = casesOn(engine);
  const found = new Map<(typeof PROFILES)[number], readonly Finding[]>();
  let server: ServerDatabase | undefined;
  let database: Database;
  beforeAll(async () => {
    if (engine === 'postgres') server = await createServerDatabase();
    database = await refreshedDatabase(server?.target, { ids: [] });
    for (const { zone, first, stamp, id } of cases) {
      await database.transaction(async (tx) => {
        await tx.run(`INSERT INTO dim_assets (id, name) VALUES (${id}, '${zone}')`);
        await tx.run(`INSERT INTO cmc_price_histories7 (id, name, "timestamp", timeopen, timeclose, timehigh, timelow, open, high, low, close, volume, marketcap)
          SELECT ${id}, 'x', ts, ts - interval '23 hours', ts, ts - interval '20 hours', ts - interval '3 hours', 10 + n % 5, 20 + n % 7, 5 + n % 3, 11 + n % 3, n, 1
          FROM (SELECT n, timestamptz '${first} ${stamp}Z' + n * interval '1 day' AS ts FROM generate_series(0, ${DAYS - 1}) n WHERE n % 40 <> 17) d`);
      });
      await refreshAll(database, [id], zone);
    }
    const all = { ids: cases.map(({ id }) => id), asOfTs: Math.max(...cases.map(clockOf)) };
    for (const profile of PROFILES) {
      const { findings } = await validate(database, { profile, ...all, ...SAMPLES[profile], skipChecks: OF_CLOCK });
      found.set(profile, findings);
    }
  });
  afterAll(async () => {
    await database?.close();
    await server?.drop();
  });

  it.each(cases)(
    '$zone, rows stamped at $stamp from $first on: nothing above WARNING, in any profile',
    async (each) => {
      for (const profile of PROFILES) {
        const timely = await validate(database, { profile, ids: [each.id], asOfTs: clockOf(each), checks: OF_CLOCK });
        const worse = [...(found.get(profile) ?? []), ...timely.findings]
          // of no asset: of all of them
          .filter(({ id, severity }) => severity !== 'WARNING' && (id === null || id === each.id))
          .map(({ message }) => message);
        expect({ profile, worse }).toStrictEqual({ profile, worse: [] });
      }
    },
  );

  it('none of them is left out of what is looked at', () => {
    expect([...found.keys()]).toStrictEqual([...PROFILES]);
    const ids = new Set(found.get('paranoid')?.map(({ id }) => id));
    expect([...ids].sort()).toStrictEqual(cases.map(({ id }) => id));
  });

  it('rules that this machine does not have are a warning, never a finding of every day', async () => {
    const [id, zone] = [50, 'America/Vancouver'];
    await database.transaction(async (tx) => {
      await tx.run(`INSERT INTO dim_assets (id, name) VALUES (${id}, 'x')`);
      await tx.run(`INSERT INTO cmc_price_histories7 (id, name, "timestamp", timeopen, timeclose, timehigh, timelow, open, high, low, close)
        SELECT ${id}, 'x', ts, ts - interval '23 hours', ts, ts, ts, 1, 2, 1, 2 FROM (
          SELECT timestamptz '2024-10-15 06:30Z' + n * interval '1 day' AS ts FROM generate_series(0, 60) n) d`);
    });
    await refreshAll(database, [id], zone);
    // as another machine has it, with a day that begins an hour later in winter
    await database.session((session) =>
      session.run(`UPDATE cmc_price_bars_1d_state SET day_rules = overlay(day_rules placing 'ffffffff' from length(day_rules) - 7) WHERE id = ${id};
        UPDATE cmc_price_bars_1d SET day_from = day_from + interval '1 hour', day_until = day_until + interval '1 hour'
          WHERE id = ${id} AND "timestamp" BETWEEN '2024-11-10Z' AND '2024-11-20Z'`),
    );
    const { findings } = await validate(database, {
      ids: [id],
      checks: ['B08', 'B10'],
      asOfTs: Date.parse('2024-12-15T12:00:00Z'),
    });
    expect(findings.map(({ check, severity, message }) => `${check} ${severity} ${message}`)).toStrictEqual([
      expect.stringMatching(
        /^B08 WARNING id 50: by this machine's rules of America\/Vancouver, 10 daily row\(s\) belong to other days/,
      ),
    ]);
  });
});

/** The clock of a case, epoch ms: a day after its last row. */
function clockOf({ first, stamp }: (typeof CASES)[number]): number {
  return Date.parse(`${first}T${stamp}Z`) + DAYS * 86_400_000;
}
