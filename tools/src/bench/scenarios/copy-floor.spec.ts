import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMA_TABLES } from '@ta/state-store';
import { Workbench } from '../workbench.ts';
import { compareWithCopy, type CopyComparison } from './copy-floor.ts';

/**
 * Guards against a refresh that has become several times dearer. Processor seconds and bytes, not the clock: they hardly
 * depend on what else the machine does. docs/performance.md has the figures that are aimed at.
 */
describe('a full refresh beside the bare COPY of its rows', () => {
  let bench: Workbench;
  let found: CopyComparison;

  beforeAll(async () => {
    bench = await Workbench.start(() => undefined);
    const shape = { assets: 1, days: 300, hasDefects: true };
    await compareWithCopy(bench, { ...shape, days: 60 }, 1); // warm-up
    found = await compareWithCopy(bench, shape, 1);
  }, 120_000);
  afterAll(() => bench?.stop());

  it('costs the server at most twice, and both together at most six times the processor seconds', () => {
    // so few rows are refreshed before the code is compiled: many cost hardly more than the COPY
    const { refresh, floor } = found;
    const together = (cost: CopyComparison['refresh']) => cost.clientCpuSeconds + cost.serverCpuSeconds;
    const ratios = [refresh.serverCpuSeconds / floor.serverCpuSeconds, together(refresh) / together(floor)] as const;
    const [server, both] = ratios.map((ratio) => ratio.toFixed(2));
    process.stdout.write(`full refresh of ${found.rows} rows to a bare COPY: server ${server}, both ${both}\n`);
    expect(found.rows).toBeGreaterThan(50_000);
    expect(ratios[0]).toBeLessThan(2);
    expect(ratios[1]).toBeLessThan(6);
  });

  it('stores an EMA in at most 300 bytes and a bar in at most 450, index included', () => {
    const emas = new Set(Object.values(EMA_TABLES).map(({ table }) => table));
    for (const { name, rows, heapBytes, indexBytes } of found.tables) {
      if (rows < 5_000) continue;
      expect((heapBytes + indexBytes) / rows, name).toBeLessThan(emas.has(name) ? 300 : 450);
    }
    expect(found.tables.filter(({ rows }) => rows >= 5_000).length).toBeGreaterThan(4);
  });
});
