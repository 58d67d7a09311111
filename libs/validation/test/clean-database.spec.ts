import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import { runChecks, validationRequest, PROFILES, type Finding } from '../src/index.ts';
import { AS_OF_TS, refreshedDatabase } from './fixtures/refreshed-database.ts';

let database: Database;
beforeAll(async () => {
  database = await refreshedDatabase();
});
afterAll(() => database.close());

describe('a freshly refreshed database', () => {
  it.each(PROFILES)('passes %s with nothing above WARNING', async (profile) => {
    const found: Finding[] = [];
    const result = await runChecks(
      database,
      validationRequest({ asOfTs: AS_OF_TS, profile }),
      { finding: (finding) => found.push(finding) },
      () => performance.now(),
    );
    console.log(
      result.checks
        .map((c) => `${c.check.id} ${c.status} ${c.findings} ${c.worst} ${c.durationMs.toFixed(0)}ms ${c.reason ?? ''}`)
        .join('\n'),
    );
    console.log(
      found
        .filter((f) => f.severity !== 'WARNING')
        .slice(0, 30)
        .map((f) => `${f.check} ${f.severity} ${f.table} ${f.message}`)
        .join('\n'),
    );
    expect(found.filter(({ severity }) => severity !== 'WARNING')).toStrictEqual([]);
    expect(result.isPassed).toBe(true);
  });
});
