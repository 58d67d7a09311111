#!/usr/bin/env bash
# nodejs-polars takes the type of a CSV column from its first 100 rows and throws at a decimal after whole numbers. By its manual `inferSchemaLength: null`
# looks at all rows, but it is taken for 0, which makes text of every column. Nothing throws then: max, min and sort go by the first digit,
# and of 10.5, 9 and 100 the high is 9 and the low is 10.5. A length above the number of rows gives numbers. nodejs-polars 0.26.1, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nodejs-polars@0.26.1 nodejs-polars-linux-x64-gnu@0.26.1
npm ls --depth=0 | grep -- '── '
cat >run.cjs <<'JS'
const pl = require('nodejs-polars');
const csv = ['day,price', ...Array.from({ length: 120 }, (_, i) => `2024-01-01,${i % 2 ? 9 : 8}`), '2024-01-02,10.5', '2024-01-02,9', '2024-01-02,100'].join('\n');
for (const [name, options] of [['no option', {}], ['null', { inferSchemaLength: null }], ['1000', { inferSchemaLength: 1000 }]]) {
  try {
    const frame = pl.readCSV(csv, options);
    const price = pl.col('price');
    const bars = frame.groupBy('day').agg(price.first().alias('open'), price.max().alias('high'), price.min().alias('low'), price.last().alias('close')).sort('day');
    console.log(`${name}: ${frame.columns.map((column) => frame.getColumn(column).dtype).join(' ')}, bars ${bars.rows().map((row) => row.join(' ')).join('; ')}`);
    console.log(`${name}, sorted: ${frame.sort('price').tail(3).getColumn('price').toArray().join(' ')}`);
  } catch (error) {
    console.log(`${name}: ${error.message.split('\n')[0]}`);
  }
}
JS
node run.cjs | tee out.txt
diff out.txt - <<'OUT'
no option: could not parse `10.5` as dtype `i64` at column 'price' (column number 2)
null: DataType(String) DataType(String), bars 2024-01-01 8 9 8 9; 2024-01-02 10.5 9 10.5 100
null, sorted: 9 9 9
1000: DataType(String) DataType(Float64), bars 2024-01-01 8 9 8 9; 2024-01-02 10.5 100 9 100
1000, sorted: 9 10.5 100
OUT
