import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workbench } from '../workbench.ts';
import { compareOnServer } from './copy-floor.ts';

/**
 * Guards against a refresh that has become several times dearer, by what no other work on the machine changes: the bytes of
 * the log of changes and of the tables. `tools/bench` prints the times; docs/performance.md has the figures aimed at.
 */
describe('a full refresh beside the bare COPY of its rows', () => {
  let bench: Workbench;
  let found: Awaited<ReturnType<typeof compareOnServer>>;

  beforeAll(async () => {
    bench = await Workbench.start(() => undefined);
    found = await compareOnServer(bench, { assets: 1, days: 300, hasDefects: true }, 1);
  }, 120_000);
  afterAll(() => bench?.stop());

  it('writes hardly more to the log of changes than the COPY', () => {
    expect(found.rows).toBeGreaterThan(50_000);
    const ratio = found.refresh.walBytes / found.floor.walBytes;
    expect(ratio).toBeLessThan(1.15);
  });

  it('stores an EMA in at most 60 bytes and a bar in at most 450, index included', () => {
    for (const { name, rows, heapBytes, indexBytes } of found.tables) {
      if (rows < 5_000) continue;
      expect((heapBytes + indexBytes) / rows, name).toBeLessThan(name === 'ema_rows' ? 60 : 450);
    }
    expect(found.tables.filter(({ rows }) => rows >= 5_000).map(({ name }) => name)).toContain('ema_rows');
  });
});
