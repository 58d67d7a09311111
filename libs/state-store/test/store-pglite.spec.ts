import { describe, expect, it } from 'vitest';
import { partitionTables, readPartitions } from '../src/partition.ts';
import { barConversionContract } from './contract/bar-conversion.contract.ts';
import { civilDayMigrationContract } from './contract/civil-day-migration.contract.ts';
import { emaConversionContract } from './contract/ema-conversion.contract.ts';
import { emaPlansContract } from './contract/ema-plans.contract.ts';
import { storeContract } from './contract/store.contract.ts';
import { migrationRecordContract } from './contract/migration-record.contract.ts';
import { describeOnPglite, pgliteEngine } from './contract/test-engines.ts';

describeOnPglite('store', (test) => {
  storeContract(test);

  describe('partitions by id', () => {
    it('split what is stored, as on PostgreSQL', async () => {
      const { database } = test();
      const count = () =>
        database.session((s) =>
          s.query<{ n: number }>(
            'SELECT (SELECT count(*) FROM cmc_price_bars_multi_tf_u) + (SELECT count(*) FROM ema_rows) AS n',
          ),
        );
      const before = await count();
      const { tables, rows } = await partitionTables(database, 2);
      expect([tables, rows]).toStrictEqual([6, Number(before[0].n)]);
      expect(await database.session(readPartitions)).toBe(2);
      expect(await count()).toStrictEqual(before);
    });
  });
});

describe('record of migrations on PGlite', () => migrationRecordContract(pgliteEngine));
describe('daily bars of an earlier version on PGlite', () => civilDayMigrationContract(pgliteEngine));
describe('EMAs of an earlier version on PGlite', () => emaConversionContract(pgliteEngine));
describe('bars of an earlier version on PGlite', () => barConversionContract(pgliteEngine));
describe('questions to the views of EMAs on PGlite', () => emaPlansContract(pgliteEngine));
