import { bench, describe } from 'vitest';

import { decodeCopy } from '../src/copy/decode.ts';
import { createCopyEncoder } from '../src/copy/encode.ts';
import type { FieldData } from '../src/copy/field-data.ts';
import { EMA_TABLES } from '../src/tables/ema-tables.ts';

// One operation is 200,000 rows of an EMA table: divide by the mean for rows per second.
const ROWS = 200_000;
const PERIODS = 17;
const DAY_MS = 86_400_000;

const columns = (make: (row: number) => number) => ({
  numbers: Float64Array.from({ length: ROWS }, (_, row) => make(row)),
});
const labels = Array.from({ length: 40 }, (_, index) => `${index + 2}${index % 2 === 0 ? 'D' : 'W_CAL_ANCHOR'}`);
const price = (row: number) => 100 + Math.sin(row) * 50;

/** `multi_tf`: id, ts, tf, period, tf_days, roll, ema, four differences, two of them on closed bars only. */
const layout = EMA_TABLES.multi_tf.layout;
const data: FieldData[] = [
  { constant: 1 },
  columns((row) => 1_500_000_000_000 + Math.floor(row / (PERIODS * labels.length)) * DAY_MS),
  { codes: Uint16Array.from({ length: ROWS }, (_, row) => Math.floor(row / PERIODS) % labels.length), labels },
  { numbers: Int32Array.from({ length: ROWS }, (_, row) => (row % PERIODS) * 10 + 6) },
  { numbers: Int32Array.from({ length: ROWS }, (_, row) => Math.floor(row / PERIODS) % labels.length) },
  { numbers: Uint8Array.from({ length: ROWS }, (_, row) => (row % 7 === 0 ? 0 : 1)) },
  columns(price),
  columns((row) => (row % 7 === 0 ? price(row) : NaN)),
  columns((row) => (row % 7 === 0 ? price(row) : NaN)),
  columns(price),
  columns(price),
];

const encoder = createCopyEncoder(layout);
const chunks = [...encoder.encodeChunks(data, ROWS)];

describe('200,000 EMA rows', () => {
  bench('encode in chunks', () => {
    for (const chunk of encoder.encodeChunks(data, ROWS)) void chunk.length;
  });
  bench('encode in one piece', () => {
    encoder.encode(data, ROWS);
  });
  bench('decode', async () => {
    await decodeCopy(layout, chunks);
  });
});
