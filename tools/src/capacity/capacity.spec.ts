import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { capacityOf, capacityText, rowsOfAsset } from './capacity-table.ts';
import { layoutOf, layoutText } from './layout-table.ts';
import type { Measured } from './measured.ts';
import { fitIdleSeconds, shardOf, simulateRun, type Deployment } from './simulate-run.ts';

const FIGURES = JSON.parse(readFileSync(path.join(import.meta.dirname, 'measured.json'), 'utf8')) as Measured;
const ONE: Deployment = { processes: 1, concurrency: 1, serverCores: 1, isShared: true };

describe('simulateRun', () => {
  it('takes the sum of everything when one thing happens at a time', () => {
    // factors of the assets have the mean 1, within what many of them allow
    const { seconds } = simulateRun(1000, { nodeSeconds: 1, serverSeconds: 2, idleSeconds: 3 }, ONE);
    expect(seconds / 6000).toBeCloseTo(1, 2);
  });

  it('is bound by the processors however many assets are side by side', () => {
    const work = { nodeSeconds: 1, serverSeconds: 3, idleSeconds: 5 };
    const many: Deployment = { processes: 8, concurrency: 8, serverCores: 2, isShared: false };
    const { seconds, serverBusy } = simulateRun(1000, work, many);
    expect(seconds / ((1000 * 3) / 2)).toBeCloseTo(1, 1);
    expect(serverBusy).toBeGreaterThan(0.97);
    expect(serverBusy).toBeLessThanOrEqual(1);
  });

  it('is bound by the one thing a process does at a time', () => {
    const work = { nodeSeconds: 3, serverSeconds: 1, idleSeconds: 0 };
    const { seconds } = simulateRun(1000, work, { processes: 2, concurrency: 8, serverCores: 16, isShared: false });
    expect(seconds / ((1000 * 3) / 2)).toBeCloseTo(1, 1);
  });

  it('grows with the assets, and never with more places', () => {
    const work = { nodeSeconds: 1, serverSeconds: 1, idleSeconds: 1 };
    const with_ = (change: Partial<Deployment>, assets = 200) =>
      simulateRun(assets, work, { ...ONE, ...change }).seconds;
    expect(with_({}, 20_000) / with_({}, 2_000)).toBeCloseTo(10, 6);
    let before = Infinity;
    for (const concurrency of [1, 2, 4, 8]) {
      const now = with_({ concurrency, serverCores: 2 });
      expect(now).toBeLessThanOrEqual(before);
      before = now;
    }
  });

  it('is as quick with more servers as their number allows, until the coordinator is busy', () => {
    const work = { nodeSeconds: 0, serverSeconds: 1, idleSeconds: 0 };
    const with_ = (servers: number, coordinatorSeconds = 0) =>
      simulateRun(
        2000,
        { ...work, coordinatorSeconds },
        { processes: 32, concurrency: 4, serverCores: 2, isShared: false, servers, shards: 64 },
      );
    expect(with_(4).seconds / with_(1).seconds).toBeGreaterThan(0.25);
    expect(with_(4).seconds / with_(1).seconds).toBeLessThan(0.32); // shards are not of quite the same size
    expect(with_(8, 0.5).seconds / ((2000 * 0.5) / 2)).toBeCloseTo(1, 1);
    expect(with_(8, 0.5).coordinatorBusy).toBeGreaterThan(0.95);
  });

  it('puts assets into shards about evenly', () => {
    const held = new Array<number>(32).fill(0);
    for (let asset = 0; asset < 32_000; asset++) held[shardOf(asset, 32)]++;
    expect(Math.min(...held)).toBeGreaterThan(850);
    expect(Math.max(...held)).toBeLessThan(1_150);
  });

  it('waits as long as a measurement says', () => {
    const work = { nodeSeconds: 0.1, serverSeconds: 0.2 };
    const deployment: Deployment = { processes: 1, concurrency: 4, serverCores: 2, isShared: true };
    const idleSeconds = fitIdleSeconds(30, 100, work, deployment);
    expect(simulateRun(100, { ...work, idleSeconds }, deployment).seconds).toBeCloseTo(30, 3);
    expect(() => fitIdleSeconds(1, 100, work, deployment)).toThrow(/processors alone/);
  });
});

describe('the capacity table', () => {
  it('has the measured rows at the measured ages, and goes on between and beyond', () => {
    for (const { days, bars, emas } of FIGURES.rowsByAge) expect(rowsOfAsset(FIGURES, days)).toEqual({ bars, emas });
    const [last, before] = FIGURES.rowsByAge.slice(-2).reverse() as [
      Measured['rowsByAge'][number],
      Measured['rowsByAge'][number],
    ];
    const beyond = rowsOfAsset(FIGURES, 2 * last.days - before.days);
    expect(beyond.emas).toBeCloseTo(2 * last.emas - before.emas, 6);
    expect(rowsOfAsset(FIGURES, (last.days + before.days) / 2).bars).toBeCloseTo((last.bars + before.bars) / 2, 6);
  });

  it('grows in proportion to the assets', () => {
    const [small, large] = [capacityOf(FIGURES, 1_000), capacityOf(FIGURES, 100_000)];
    for (const part of ['rows', 'bytes', 'largestTableBytes', 'walBytesPerDay'] as const) {
      expect(large[part] / small[part]).toBeCloseTo(100, 6);
    }
  });

  it('reproduces the measured day on the measured machine', () => {
    const { seconds } = capacityOf(FIGURES, FIGURES.assets);
    const { day } = seconds['2 cores, measured kind'] as { day: number };
    expect((day - FIGURES.idleRunSeconds) / (FIGURES.day.seconds * FIGURES.assets)).toBeCloseTo(1, 2);
  });

  it('takes as many plain servers as the disk needs, each as quick as one alone', () => {
    const one = layoutOf(FIGURES, 1_000);
    const many = layoutOf(FIGURES, 100_000);
    expect([one.servers, many.servers]).toStrictEqual([1, capacityOf(FIGURES, 100_000).servers]);
    const perServer = 100_000 / many.servers / 1_000;
    expect(many.plain.build / one.plain.build / perServer).toBeCloseTo(1, 1);
    expect(one.citus.build).toBeGreaterThan(one.plain.build);
  });

  it('is the one in docs/scaling.md', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/scaling.md'), 'utf8');
    // the formatter pads the cells
    const plain = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
    expect(plain(page)).toContain(plain(capacityText(FIGURES)));
    expect(plain(page)).toContain(plain(layoutText(FIGURES)));
  });
});
