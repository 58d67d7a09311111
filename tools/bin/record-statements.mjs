// node --import tools/bin/record-statements.mjs …, with TA_STATEMENTS naming a folder
// Writes each kind of SQL statement that the process sends there, once, as a line of JSON; kinds differ in more than
// numbers and quoted texts. Statements are published on the diagnostics channel `ta.statement`.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';

const folder = process.env.TA_STATEMENTS;
/** Texts that were looked at lately: most statements come again letter by letter. */
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
