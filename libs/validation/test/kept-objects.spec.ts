import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '@ta/state-store';
import { runChecks, validationRequest, type CheckResult } from '../src/index.ts';
import { FoundList } from '../src/found-list.ts';
import { refreshedDatabase } from './fixtures/refreshed-database.ts';

/** Every pass over the rows of an asset in a table has lists of its own: those that are left say how many passes are kept. */
const keptPasses = () => queryObjects(FoundList, { format: 'count' });

describe('a full validation', () => {
  let database: Database;
  beforeAll(async () => {
    database = await refreshedDatabase();
  });
  afterAll(() => database.close());

  it('keeps nothing of any asset once its rows are read', async () => {
    let kept = Number.NaN;
    const request = validationRequest({ profile: 'full', asOfTs: Date.parse('2024-07-01Z') });
    const checkFinished = ({ check: { id } }: CheckResult) => {
      if (id === 'E14') kept = keptPasses();
    };
    const { isPassed } = await runChecks(database, request, { checkFinished }, () => performance.now());
    expect([isPassed, kept]).toStrictEqual([true, 0]);
  });
});
