import { barConversionContract } from './contract/bar-conversion.contract.ts';
import { civilDayMigrationContract } from './contract/civil-day-migration.contract.ts';
import { concurrencyContract } from './contract/concurrency.contract.ts';
import { emaConversionContract } from './contract/ema-conversion.contract.ts';
import { emaPlansContract } from './contract/ema-plans.contract.ts';
import { migrationRecordContract } from './contract/migration-record.contract.ts';
import { storeContract } from './contract/store.contract.ts';
import { describeOnPostgres, postgresEngine } from './contract/test-engines.ts';

describeOnPostgres('store', storeContract);
describeOnPostgres('store with the big tables in 3 partitions', (test) => storeContract(test, 3));
describeOnPostgres('store with several connections', concurrencyContract);
describeOnPostgres('record of migrations', () => migrationRecordContract(postgresEngine));
describeOnPostgres('daily bars of an earlier version', () => civilDayMigrationContract(postgresEngine));
describeOnPostgres('EMAs of an earlier version', () => emaConversionContract(postgresEngine));
describeOnPostgres('bars of an earlier version', () => barConversionContract(postgresEngine));
describeOnPostgres('questions to the views of EMAs', () => emaPlansContract(postgresEngine));
