import { concurrencyContract } from './contract/concurrency.contract.ts';
import { storeContract } from './contract/store.contract.ts';
import { describeOnPostgres } from './contract/test-engines.ts';

describeOnPostgres('store', storeContract);
describeOnPostgres('store with the big tables in 3 partitions', (test) => storeContract(test, 3));
describeOnPostgres('store with several connections', concurrencyContract);
