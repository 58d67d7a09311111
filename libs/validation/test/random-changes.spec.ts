import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAR_TABLES, StoreError, type Database } from '@ta/state-store';
import type { Finding, ValidationRequest } from '../src/index.ts';
import { newFindings, validate, verdictOn } from './fixtures/planted.ts';
import { dataColumns, drawChange, unwatchedReason, type Change, type DataColumn } from './fixtures/random-change.ts';
import { seededUniform } from '../src/recompute/sample.ts';
import { refreshedDatabase } from './fixtures/refreshed-database.ts';

const { seed: SEED = 0 } = fc.readConfigureGlobal();

/** Changes of a column that are tried for one that the database lets happen. */
const EXAMPLES = 10;
/** `make soak` tries all columns and many places. */
const IS_LONG = process.env['TA_CHANGES'] === 'all';
/** Part of the columns that a run of the tests tries. */
const COLUMNS = IS_LONG ? 1 : 0.1;
/** Changes at places drawn in any column. */
const DRAWN = IS_LONG ? 400 : 12;
const UNNOTICED = 'not noticed:';
/** A constraint or a key does not let the change happen. */
const REFUSED = 'refused by the database:';
const LONG = { timeout: 1_800_000 };
const README = path.resolve(import.meta.dirname, '../README.md');

let database: Database;
let baseline: readonly Finding[];
let columns: DataColumn[];
beforeAll(async () => {
  database = await refreshedDatabase();
  baseline = (await validate(database)).findings;
  columns = await database.session(dataColumns);
});
afterAll(() => database.close());

describe('a single value changed anywhere', () => {
  // UPDATE_README=1 after a change of the schema or of the checks
  it('is found by the full profile in every column, by the check that the README names', LONG, async () => {
    const isWritten = process.env['UPDATE_README'] === '1';
    const readme = readFileSync(README, 'utf8');
    const named = namedIn(readme);
    if (!isWritten) expect([...named.keys()].sort()).toStrictEqual(columns.map(nameOf).sort());
    const found = new Map<string, string>();
    const uniform = seededUniform(SEED);
    for (const column of columns) {
      // others in every run
      if (!isWritten && uniform() > COLUMNS) continue;
      found.set(nameOf(column), await exampleNoticedBy(column));
    }
    if (isWritten) writeFileSync(README, written(readme, detectionList(found)));
    else for (const [name, noticedBy] of found) expect([name, noticedBy]).toStrictEqual([name, named.get(name)]);
  });

  it(`is found by the full profile ${DRAWN} times out of ${DRAWN} wherever it is drawn`, LONG, async () => {
    const uniform = seededUniform(SEED);
    const watched = columns.filter((column) => unwatchedReason(column) === null);
    const missed: string[] = [];
    for (let i = 0; i < DRAWN; i++) {
      const column = watched[Math.floor(uniform() * watched.length)];
      const change = await database.session((session) => drawChange(session, column, Math.floor(uniform() * 2 ** 31)));
      if ((await notice(change)) === null) missed.push(change.statement);
    }
    expect(missed).toStrictEqual([]);
  });
});

function nameOf({ table, column }: DataColumn): string {
  return `${table}.${column}`;
}

/**
 * What notices the change of a column that the README tells of: the first of some that the database lets happen. They are always the
 * same, whatever other columns there are.
 */
async function exampleNoticedBy(column: DataColumn): Promise<string> {
  const first = createHash('sha256').update(nameOf(column)).digest().readInt32BE();
  for (let seed = first; seed < first + EXAMPLES; seed++) {
    const change = await database.session((session) => drawChange(session, column, seed));
    const noticedBy = await notice(change);
    expect(noticedBy !== null || unwatchedReason(column) !== null, change.statement).toBe(true);
    if (noticedBy !== REFUSED) return noticedBy ?? UNNOTICED;
  }
  return REFUSED;
}

/** Per column, which check the README names. */
function namedIn(readme: string): Map<string, string> {
  const named = new Map<string, string>();
  const [, list] = /<!-- detection -->([^]*)<!-- \/detection -->/.exec(readme) ?? [];
  for (const [, table, parts] of (list ?? '').matchAll(/^- `(\w+)`: (.*)$/gm))
    for (const part of parts.split('; ')) {
      const [noticedBy] = part.split(' `');
      for (const [, column] of part.matchAll(/`(\w+)`/g)) named.set(`${table}.${column}`, noticedBy);
    }
  return named;
}

/** The check that notices the change (the first that would fail the validation), {@link REFUSED} when the database refuses it, or null. */
async function notice(change: Change): Promise<string | null> {
  const near = nearestChecks(change.table);
  for (const choice of unwatchedReason(change) === null ? [near, {}] : [near]) {
    try {
      const { findings } = await verdictOn(
        database,
        async (tx) => {
          // past the invalidation log, which would tell of every change of the source
          await tx.run('SET LOCAL session_replication_role = replica');
          expect(await tx.run(change.statement), change.statement).toBe(1);
        },
        choice,
      );
      const [first] = newFindings(findings, baseline).filter(({ severity }) => severity !== 'WARNING');
      if (first !== undefined) return first.check;
    } catch (error) {
      if (error instanceof StoreError && error.code === 'STORE_CONSTRAINT') return REFUSED;
      throw error;
    }
  }
  return null;
}

/** Checks that notice most changes of a table: what a part of the full profile finds, the full profile finds. */
function nearestChecks(table: string): Partial<ValidationRequest> {
  if (table.endsWith('_1d_state') || table.endsWith('_revisions')) return { checks: ['B10', 'B11', 'B13'] };
  const bars = Object.values(BAR_TABLES).find(({ rows, stateTable }) => [rows.table, stateTable].includes(table));
  if (bars !== undefined) return { families: [bars.family], checks: [table === bars.stateTable ? 'B13' : 'B16'] };
  if (table === 'bar_series') return { checks: ['B14', 'B16'] };
  if (table.startsWith('ema_')) return { checks: ['E02', 'E07'] };
  if (table.startsWith('cmc_ema')) return { checks: ['E09'] };
  if (table === 'ema_alpha_lookup') return { checks: ['E14'] };
  return { checks: ['B03', 'B07', 'B08', 'B12', 'B20'] };
}

/** Per table, which check notices a change of which columns, as the README shows it. */
function detectionList(found: ReadonlyMap<string, string>): string {
  const byTable = new Map<string, Map<string, string[]>>();
  for (const { table, column } of columns) {
    const noticedBy = found.get(`${table}.${column}`) ?? 'MISSED';
    const byCheck = byTable.get(table) ?? new Map<string, string[]>();
    byTable.set(table, byCheck.set(noticedBy, [...(byCheck.get(noticedBy) ?? []), column]));
  }
  const parts = (byCheck: ReadonlyMap<string, string[]>) =>
    [...byCheck].map(([check, names]) => `${check} ${names.map((name) => `\`${name}\``).join(' ')}`);
  return [...byTable].map(([table, byCheck]) => `- \`${table}\`: ${parts(byCheck).join('; ')}`).join('\n');
}

/** Puts the list between its markers in the README. */
function written(readme: string, list: string): string {
  return readme.replace(
    /(<!-- detection -->\n)[^]*?(\n<!-- \/detection -->)/,
    (_, begin: string, end: string) => begin + `\n${list}\n` + end,
  );
}
