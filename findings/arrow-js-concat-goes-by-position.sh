#!/usr/bin/env bash
# concat of apache-arrow keeps the names and types of the first table and takes the columns of the others by position. A file with its columns in another order
# puts opens into close; one with a new column puts the adjusted close into close and the close into volume, and its last column is gone. Whole prices in an
# int32 column look right until the table is written: 100 is read as 4.24e-312, 2.5 as 1073217536. new Table refuses the same batches, polars goes by name.
# apache-arrow 21.2.0, nodejs-polars 0.24.0, 2026-11-30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 nodejs-polars@0.24.0
npm ls --depth=0 | grep -- '── '
cat >run.mjs <<'JS'
import { Table, tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import pl from 'nodejs-polars';
const file = (columns) => tableToIPC(tableFromArrays(columns), 'file');
const float = (...values) => Float64Array.from(values);
const show = (what, rows) => console.log(`${what}: ${rows.map((row) => JSON.stringify(row).replaceAll('"', '')).join(' ')}`);
const both = (what, first, second) => {
  const table = tableFromIPC(first).concat(tableFromIPC(second));
  show(`${what}, concat`, table.toArray().map((row) => row.toJSON()));
  show(`${what}, written and read`, tableFromIPC(tableToIPC(table)).toArray().map((row) => row.toJSON()));
  try {
    show(`${what}, new Table`, new Table([first, second].flatMap((bytes) => tableFromIPC(bytes).batches)).toArray().map((row) => row.toJSON()));
  } catch (error) {
    console.log(`${what}, new Table: ${error.message}`);
  }
  try {
    show(`${what}, polars`, pl.concat([first, second].map((bytes) => pl.readIPC(Buffer.from(bytes))), { how: 'diagonal' }).toRecords());
  } catch (error) {
    console.log(`${what}, polars: ${error.message.split('\n')[0]}`);
  }
};
const monday = file({ open: float(10, 20), close: float(11, 21) });
both('other order', monday, file({ close: float(31), open: float(30) }));
const old = file({ close: float(100, 101), volume: float(5000, 6000) });
both('new column', old, file({ close_adjusted: float(51), close: float(102), volume: float(7000) }));
both('whole prices', file({ close: float(1.5, 2.5) }), file({ close: Int32Array.of(100, 200, 300) }));
both('whole prices first', file({ close: Int32Array.of(100, 200) }), file({ close: float(1.5, 2.5) }));
JS
node run.mjs | tee out.txt
diff out.txt - <<'OUT'
other order, concat: {open:10,close:11} {open:20,close:21} {open:31,close:30}
other order, written and read: {open:10,close:11} {open:20,close:21} {open:31,close:30}
other order, new Table: Table and inner RecordBatch schemas must be equivalent.
other order, polars: {open:10,close:11} {open:20,close:21} {open:30,close:31}
new column, concat: {close:100,volume:5000} {close:101,volume:6000} {close:51,volume:102}
new column, written and read: {close:100,volume:5000} {close:101,volume:6000} {close:51,volume:102}
new column, new Table: Table and inner RecordBatch schemas must be equivalent.
new column, polars: {close:100,volume:5000,close_adjusted:null} {close:101,volume:6000,close_adjusted:null} {close:102,volume:7000,close_adjusted:51}
whole prices, concat: {close:1.5} {close:2.5} {close:100} {close:200} {close:300}
whole prices, written and read: {close:1.5} {close:2.5} {close:4.243991582425e-312} {close:1.48e-321} {}
whole prices, new Table: Table and inner RecordBatch schemas must be equivalent.
whole prices, polars: type Int32 is incompatible with expected type Float64: failed to vstack column 'close'
whole prices first, concat: {close:100} {close:200} {close:1.5} {close:2.5}
whole prices first, written and read: {close:100} {close:200} {close:0} {close:1073217536}
whole prices first, new Table: Table and inner RecordBatch schemas must be equivalent.
whole prices first, polars: type Float64 is incompatible with expected type Int32: failed to vstack column 'close'
OUT
