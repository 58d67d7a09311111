import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHECKS } from '@ta/validation';
import { changedEmas } from '../../../../libs/pipeline/test/ema-edits.ts';
import { fakeTelegram, type FakeTelegram } from '../kit/fake-telegram.ts';
import { runInside, type Ended } from '../kit/run-inside.ts';
import { logRecords } from '../kit/ta.ts';
import { AS_OF, createWorld, hasPostgres, type World } from '../kit/world.ts';

const ENGINES: readonly ('postgres' | 'pglite')[] = hasPostgres() ? ['postgres', 'pglite'] : ['pglite'];

describe.each(ENGINES)('ta refresh --validate on %s', (engine) => {
  let world: World;
  let telegram: FakeTelegram;
  beforeAll(async () => {
    world = await createWorld({ engine, assets: 1, days: 25, isKeptOpen: true });
    telegram = await fakeTelegram();
  });
  beforeEach(() => void telegram.received.splice(0));
  afterAll(async () => {
    await telegram?.close();
    await world?.drop();
  });

  const refresh = (line: string): Promise<Ended> =>
    runInside(['refresh', ...line.split(' '), '--as-of', AS_OF, '--log-dir', world.logDir], {
      root: world.root,
      env: { ...world.env, ...telegram.env, ALERT_DEDUP_MINUTES: '0' },
    });
  const titles = () => telegram.received.map(({ text }) => text.split('\n')[0]);
  const spoil = (factor: number) =>
    world.sql(
      changedEmas(
        {
          ...{ table: 'cmc_ema_multi_tf', id: world.ids[0], tf: '7D', period: 2 },
          ts: `= (SELECT max(ts) FROM cmc_ema_multi_tf WHERE tf = '7D' AND period = 2)`,
        },
        'ema',
        (ema) => `${ema} * ${factor}`,
      ),
    );

  it('is a third component that passes after a sound refresh', async () => {
    const { code, stdout, stderr } = await refresh('--all --validate');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Components: bars + EMAs + validation');
    expect(stdout).toContain('RUNNING VALIDATION');
    expect(stdout).toContain(
      `[OK] Validation passed: ${CHECKS.length} checks, findings: 0 critical, 0 error, 0 warning`,
    );
    expect(stdout).toMatch(
      /Total components: 3\nSuccessful: 3\n[^]* {2}- emas: [\d.]+s\n {2}- validation: [\d.]+s\n\n=+\n\n\[OK\] All/,
    );
    expect(titles()).toStrictEqual([]);
    const texts = logRecords(world).map((record) => JSON.stringify(record));
    expect(texts.filter((text) => /ERROR|FAILED/.test(text))).toStrictEqual([]);
  });

  it('tells what is wrong, alerts with the severity of the worst finding, and fails only when asked to', async () => {
    await spoil(2);
    try {
      const { code, stdout, stderr } = await refresh('--all --validate');
      expect(code).toBe(0);
      const of = `; ${CHECKS.length} checks, findings: 1 critical,`;
      expect(stderr).toMatch(new RegExp(`\\[WARNING\\] Validation failed: \\d checks? failed: .*E07.*${of}`));
      expect(stderr).toContain(`[CRITICAL] E07 cmc_ema_multi_tf: id ${world.ids[0]}, 7D/2,`);
      expect(stderr).toContain('validator check --explain ID');
      expect(stdout).toMatch(/ {2}- validation: [\d.]+s \(\d checks? failed: .*E07/);
      expect(titles()).toStrictEqual([expect.stringContaining('<b>[CRITICAL] Validation failed: ')]);
      expect(telegram.received[0]?.text).toContain(`E07 cmc_ema_multi_tf: id ${world.ids[0]}, 7D/2,`);
      expect(logRecords(world).at(-1)).toBeDefined();
      expect(
        logRecords(world).some(({ level, msg }) => level === 'ERROR' && /validation FAILED/.test(String(msg))),
      ).toBe(true);

      const strict = await refresh('--all --validate --fail-on-validation --json');
      expect(strict.code).toBe(1);
      const document = JSON.parse(strict.stdout) as { components: object[]; validation: object; exitCode: number };
      expect(document).toMatchObject({
        exitCode: 1,
        components: [{ name: 'bars' }, { name: 'emas' }, { name: 'validation', status: 'failed' }],
        validation: { isPassed: false, failedChecks: expect.arrayContaining(['E07']) as unknown },
      });
      expect(telegram.received).toHaveLength(2);
      const [run] = await world.sql<{ status: string; n: number }>(
        `SELECT status, jsonb_array_length(metrics -> 'components') AS n FROM ops_runs ORDER BY started_at DESC LIMIT 1`,
      );
      expect(run).toStrictEqual({ status: 'failed', n: 3 });
    } finally {
      await spoil(0.5);
    }
  });

  // the rest is the same on both engines
  if (engine === 'pglite' && hasPostgres()) return;

  it('looks at everything with --ids all, and at the ids of the run where it names some', async () => {
    await world.sql(`INSERT INTO cmc_price_bars_1d_state (id, tz, last_src_ts) VALUES (77, 'UTC', '2024-06-28Z')`);
    try {
      expect((await refresh('--all --ids all --validate')).stderr).toContain(
        '[ERROR] B10 cmc_price_bars_1d_state: id 77',
      );
      expect((await refresh(`--all --ids ${world.ids[0]} --validate`)).stdout).toContain('[OK] Validation passed');
    } finally {
      await world.sql('DELETE FROM cmc_price_bars_1d_state WHERE id = 77');
    }
  });

  it('is skipped after a failure, unless the run goes on', async () => {
    await world.sql('ALTER TABLE bar_rows_cal_us RENAME TO hidden');
    try {
      const stopped = await refresh('--all --full-rebuild --validate');
      expect(stopped.code).toBe(1);
      expect(stopped.stdout).toContain('  - validation (an earlier component failed)');
    } finally {
      await world.sql('ALTER TABLE hidden RENAME TO bar_rows_cal_us');
    }
  });

  it('is foretold by --dry-run', async () => {
    const { code, stdout } = await refresh('--all --validate --dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('[DRY RUN] validation: validator check --profile fast --ids all');
    expect(stdout).toContain('[DRY RUN] Would have executed 3 component(s)');
  });

  it('needs something to refresh', async () => {
    const { code, stderr } = await refresh('--validate');
    expect(code).toBe(2);
    expect(stderr).toContain('Must specify one of --bars, --emas or --all');
  });
});
