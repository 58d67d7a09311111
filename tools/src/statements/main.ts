import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { judgementLines, judgeStatements } from './judge-statements.ts';
import { sqlTextsOf } from './sql-texts.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Folder of the statements that `tools/bin/record-statements.mjs` recorded and that are judged here. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: main.ts <folder of recorded statements>');

const files = execFileSync('git', ['ls-files', 'libs/*/src/*.ts', 'apps/*/src/*.ts'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.spec.ts') && !file.startsWith('apps/dashboard/'));
const texts = files.flatMap((file) => sqlTextsOf(file, readFileSync(path.join(ROOT, file), 'utf8')));
const sent = readdirSync(folder)
  .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'))
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as string);

const judgement = await judgeStatements(sent, texts);
for (const line of judgementLines(judgement)) process.stdout.write(`${line}\n`);
if (judgement.refused.length > 0 || judgement.unsent.length > 0) process.exitCode = 1;
