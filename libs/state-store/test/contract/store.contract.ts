import { beforeAll, describe } from 'vitest';
import type { Database } from '../../src/connect/database.ts';
import { assertSchema, migrate, migrationStatus } from '../../src/migrate.ts';
import { partitionTables } from '../../src/partition.ts';
import { barsContract } from './bars.contract.ts';
import { changesContract } from './changes.contract.ts';
import { closedEmasContract } from './closed-emas.contract.ts';
import { dailyContract } from './daily.contract.ts';
import { dimensionsContract } from './dimensions.contract.ts';
import { emasContract } from './emas.contract.ts';
import { stateGroupsContract } from './state-groups.contract.ts';
import { runsContract } from './runs.contract.ts';
import { schemaContract, type MigrationTrace } from './schema.contract.ts';
import { seriesContract } from './series.contract.ts';
import { sourceContract } from './source.contract.ts';
import { storeErrorOf } from './store-error.ts';
import type { TheDatabase } from './test-engines.ts';

/**
 * What the store promises on either engine, in one migrated database. Suites use ids of their own.
 * @param partitions hash partitions by id of the big tables
 */
export function storeContract(test: TheDatabase, partitions = 1): void {
  let trace: MigrationTrace;
  const database = (): Database => test().database;

  beforeAll(async () => {
    trace = {
      untouched: await migrationStatus(database()),
      refusal: await storeErrorOf(() => assertSchema(database())),
      first: await migrate(database()),
      second: await migrate(database()),
    };
    await partitionTables(database(), partitions);
  });

  describe('schema', () => schemaContract(database, () => trace));
  describe('multi-day bars', () => barsContract(database));
  describe('EMAs', () => emasContract(database));
  describe('series', () => seriesContract(database));
  describe('EMAs of closed bars', () => closedEmasContract(database));
  describe('overview', () => stateGroupsContract(database));
  if (partitions > 1) return; // the other tables stay whole
  describe('invalidation log', () => changesContract(database));
  describe('source', () => sourceContract(database));
  describe('dimensions', () => dimensionsContract(database));
  describe('daily bars', () => dailyContract(database));
  describe('run history', () => runsContract(database));
}
