import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judgementLines, judgeStatements } from './judge-statements.ts';
import { sqlTextsOf } from './sql-texts.ts';

const SOURCES = {
  'found.ts': `export const found = (id: number) => \`
    SELECT EXISTS (SELECT FROM ema_rejects WHERE id = \${id}) AS found\`;`,
  'states.ts': 'const states = `DELETE FROM cmc_price_bars_1d_state WHERE id IN (${ids.join()})`;',
  'message.ts': "const hint = 'COPY … FROM STDIN WITH (FORMAT binary)'; const name = 'SELECT';",
};
const texts = Object.entries(SOURCES).flatMap(([file, source]) => sqlTextsOf(file, source));

describe('the judgement of recorded statements', () => {
  it('finds a statement of the sources by its longest fixed piece, and what Citus refuses in it', async () => {
    const sent = [
      'SELECT EXISTS (SELECT FROM ema_rejects WHERE id = 1) AS found',
      'SELECT  EXISTS (SELECT FROM\n ema_rejects WHERE id = 22) AS found',
      'DELETE FROM cmc_price_bars_1d_state WHERE id IN (1,2,3)',
    ];
    const judgement = await judgeStatements(sent, texts);
    expect(judgement).toMatchObject({ statements: 2, unsent: [] });
    expect(judgement.refused).toMatchObject([{ forms: ['emptySelect'], from: 'found.ts:1' }]);
    expect(judgementLines(judgement).at(-1)).toBe('2 kinds of statements, 1 refused by Citus, 0 files not met');
  });

  it('leaves out what only tests send, takes in what Drizzle makes, and names files of which nothing was sent', async () => {
    const sent = [
      'SELECT EXISTS (SELECT FROM ema_rejects)',
      'insert into "dim_assets" ("id") values ($1) on conflict ("id") do update set "created_at" = now()',
    ];
    expect(await judgeStatements(sent, texts)).toMatchObject({
      statements: 1,
      refused: [{ forms: ['functionInConflict'], from: 'Drizzle' }],
      unsent: ['found.ts', 'states.ts'],
    });
  });

  it('rests on a recorder that writes each kind of statement of a process once', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'ta-statements-'));
    const recorder = pathToFileURL(path.resolve(import.meta.dirname, '../../bin/record-statements.mjs')).href;
    const script = `import { channel } from 'node:diagnostics_channel';
      for (const sql of ['SELECT 1', 'SELECT 22', "SELECT 'a'", "SELECT 'b''c'", 'DELETE FROM a']) channel('ta.statement').publish(sql);`;
    try {
      execFileSync(process.execPath, ['--import', recorder, '--input-type=module', '-e', script], {
        env: { TA_STATEMENTS: folder },
      });
      const lines = readdirSync(folder).flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'));
      expect(lines).toStrictEqual(['"SELECT 1"', `"SELECT 'a'"`, '"DELETE FROM a"', '']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
