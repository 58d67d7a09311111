// node --import tools/bin/record-statements.mjs …, with TA_STATEMENTS naming a folder
// Writes one statement of each kind that the process sends to a file in that folder, as a line of JSON. Statements that differ
// only in numbers and quoted texts are of one kind. They are published on the diagnostics channel `ta.statement`.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';

const folder = process.env.TA_STATEMENTS;
/** How many texts are remembered, since most statements are sent again with exactly the same text. */
const MOST_TEXTS = 2_000;

if (folder) {
  const file = path.join(folder, `${process.pid}-${threadId}.jsonl`);
  const kinds = new Set();
  const texts = new Set();
  subscribe('ta.statement', (sql) => {
    if (texts.has(sql)) return;
    if (texts.size >= MOST_TEXTS) texts.clear();
    texts.add(sql);
    const kind = sql.replace(/'(?:[^']|'')*'/g, '?').replace(/\d+/g, '0');
    if (kinds.has(kind)) return;
    kinds.add(kind);
    appendFileSync(file, `${JSON.stringify(sql)}\n`);
  });
}
