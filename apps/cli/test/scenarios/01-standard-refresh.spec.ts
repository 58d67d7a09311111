import { existsSync } from 'node:fs';
import path from 'node:path';
import { verifyState } from '@ta/validation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changedTables, hashTables, RECORDS } from '../kit/hash.ts';
import { logRecords, logText, taProcess } from '../kit/ta.ts';
import { AS_OF, createWorld, hasPostgres, type World } from '../kit/world.ts';
import { startCli, type CliEnd } from '../resilience/rig/cli-process.ts';

const SUMMARY = new RegExp(
  `${'={70}\\nDAILY REFRESH SUMMARY\\n={70}\\n\\n'}` +
    'Total components: 2\\nSuccessful: 2\\nFailed: 0\\nTotal time: \\d+\\.\\ds\\n\\n' +
    '\\[OK\\] Successful components:\\n  - bars: \\d+\\.\\ds\\n  - emas: \\d+\\.\\ds\\n\\n' +
    '={70}\\n\\n\\[OK\\] All components completed successfully!\\n$',
);

describe.skipIf(!hasPostgres()).each(['postgres', 'pglite'] as const)(
  'standard refresh on %s (scenarios 1 and 2)',
  (engine) => {
    let world: World;
    let first: CliEnd;
    beforeAll(async () => {
      world = await createWorld({ engine, gaps: { everyDays: 25, lengthDays: 2 } });
      first = await taProcess(world, 'refresh --all --verbose');
    });
    afterAll(() => world.drop());

    it('succeeds, and the summary ends the output', () => {
      expect(first.code, first.stderr).toBe(0);
      expect(first.stdout).toMatch(SUMMARY);
    });

    it('refreshes bars before EMAs, the builders in their order', () => {
      const steps = logRecords(world).filter(({ id, component }) => id === world.ids[0] && component !== undefined);
      expect(steps.map(({ component, step }) => `${String(component)}/${String(step)}`)).toEqual([
        ...['1d', 'multi_tf', 'cal_iso', 'cal_us', 'cal_anchor_iso', 'cal_anchor_us'].map((step) => `bars/${step}`),
        ...['multi_tf', 'cal', 'cal_anchor', 'v2'].map((step) => `emas/${step}`),
      ]);
    });

    it('writes the log of the day, in which grep finds no problem', () => {
      const now = new Date();
      const two = (n: number) => String(n).padStart(2, '0');
      const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
      // the process has no TZ of its own: it may be another civil day there
      const names = [day, now.toISOString().slice(0, 10)].map((name) => path.join(world.logDir, `refresh-${name}.log`));
      expect(names.some(existsSync)).toBe(true);
      expect(logText(world)).not.toMatch(/ERROR|FAILED/);
    });

    it('leaves state and data in agreement', async () => {
      expect(await world.use((session) => verifyState(session, null))).toEqual([]);
    });

    it('passes the validator', async () => {
      const checked = await startCli(['check', '--ids', 'all', '--as-of', AS_OF], world.env, 'validator').ended;
      expect(checked.code, checked.stdout + checked.stderr).toBe(0);
      expect(checked.stdout).toContain('[OK] Validation passed');
    });

    it('changes no row when nothing is new, and says so per builder', async () => {
      const before = await world.use((session) => hashTables(session, RECORDS));
      const again = await taProcess(world, 'refresh --all');
      expect(again.code).toBe(0);
      expect(again.stdout.match(/\[OK\] \w+: up to date/g)).toHaveLength(10);
      expect(again.stdout).toContain('bars written 0, EMAs written 0');
      expect(changedTables(before, await world.use((session) => hashTables(session, RECORDS)))).toEqual([]);
    });
  },
);
