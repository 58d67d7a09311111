#!/usr/bin/env bash
# parquetjs cuts a price that it writes as DECIMAL instead of rounding it: 19.99 times 100 is 1998.9999999999998, so the file holds 19.98. Of all prices
# from 0.01 to 1000.00 one in 22 is a cent too low. With a precision of up to 9 its own reader also puts a 0 after every price and drops the last half
# of the rows, while hyparquet reads what is there. @dsnp/parquetjs 1.8.8, the last for Node 20, hyparquet 1.33.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @dsnp/parquetjs@1.8.8 hyparquet@1.33.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import parquetjs from '@dsnp/parquetjs';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
const { ParquetReader, ParquetSchema, ParquetWriter } = parquetjs;
const roundTrip = async (precision, prices) => {
  const schema = new ParquetSchema({ price: { type: 'DECIMAL', precision, scale: 2 } });
  const writer = await ParquetWriter.openFile(schema, 'prices.parquet');
  for (const price of prices) await writer.appendRow({ price });
  await writer.close();
  const reader = await ParquetReader.openFile('prices.parquet');
  const cursor = reader.getCursor();
  const own = [];
  for (let row = await cursor.next(); row; row = await cursor.next()) own.push(row.price);
  await reader.close();
  const other = (await parquetReadObjects({ file: await asyncBufferFromFile('prices.parquet') })).map((row) => row.price);
  return { own, other };
};
const prices = [64123.45, 0.29, 4.35, 8.2, 19.99, 1.1];
console.log('written:', prices.join(' '));
for (const precision of [18, 9]) {
  const { own, other } = await roundTrip(precision, prices);
  console.log(`precision ${precision}, parquetjs: ${own.join(' ')}`);
  console.log(`precision ${precision}, hyparquet: ${other.join(' ')}`);
}
const cents = Array.from({ length: 100_000 }, (_, i) => (i + 1) / 100);
const { other } = await roundTrip(18, cents);
console.log(`of ${cents.length} prices ${other.filter((price, i) => price < cents[i]).length} are too low, ${other.filter((price, i) => price > cents[i]).length} too high`);
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
written: 64123.45 0.29 4.35 8.2 19.99 1.1
precision 18, parquetjs: 64123.45 0.28 4.34 8.19 19.98 1.1
precision 18, hyparquet: 64123.45 0.28 4.34 8.19 19.98 1.1
precision 9, parquetjs: 64123.45 0 0.28 0 4.34 0
precision 9, hyparquet: 64123.45 0.28 4.34 8.19 19.98 1.1
of 100000 prices 4586 are too low, 0 too high
OUT
