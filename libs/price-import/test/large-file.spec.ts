import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { importPrices, type PriceFile } from '../src/index.ts';
import { utcDayText } from '../src/parse-instant.ts';
import { CMC_HEADER, cmcLine } from './memory.ts';

const DAYS = 4_000;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A file of `copies` times the same 4,000 days, made while it is read. */
function repeatedFile(copies: number): PriceFile {
  const block = Array.from({ length: DAYS }, (_, at) => `${cmcLine(utcDayText(15_000 + at))}\n`).join('');
  return {
    name: 'large.csv',
    sizeBytes: null,
    async *open() {
      yield Buffer.from(`${CMC_HEADER}\n`);
      for (let copy = 0; copy < copies; copy++) yield Buffer.from(block);
    },
  };
}

/** Heap that is still in use, measured after a full garbage collection (buffers are freed later, so they are not in it). */
function liveHeapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('a large file', () => {
  it('of 40 MB is read with memory that does not grow with it', async () => {
    const copies = 64;
    const live: number[] = [];
    let calls = 0;
    const onProgress = (): void => {
      if (++calls % 16 === 0) live.push(liveHeapBytes());
    };
    const report = await importPrices(repeatedFile(copies), { id: 1, onProgress });
    expect(report).toMatchObject({ linesRead: DAYS * copies, rowsRead: DAYS, rejectedCount: 0 });
    expect(live.length).toBe(4);
    // 30 MB of text lie between the first and the last measurement.
    expect((live[3] - live[0]) / 2 ** 20).toBeLessThan(0.5);
  });

  it('with a hundred thousand bad lines is read with memory that does not grow with it', async () => {
    const block = `${cmcLine('2025-10-26', { close: 'x'.repeat(30) })}\n`.repeat(1_000);
    const file: PriceFile = {
      name: 'bad.csv',
      sizeBytes: null,
      async *open() {
        yield Buffer.from(`${CMC_HEADER}\n`);
        for (let copy = 0; copy < 100; copy++) yield Buffer.from(block);
      },
    };
    const before = liveHeapBytes();
    const report = await importPrices(file, { id: 1, maxRejectsListed: 100_000 });
    expect(report).toMatchObject({ rejectedCount: 100_000, rowsRead: 0 });
    expect(report.rejected.length).toBe(100_000);
    // A listed line must not keep the chunk it was cut from: 20 MB of text.
    expect((liveHeapBytes() - before) / 2 ** 20).toBeLessThan(15);
  });
});
