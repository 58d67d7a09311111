import { storeContract } from './contract/store.contract.ts';
import { describeOnPglite } from './contract/test-engines.ts';

describeOnPglite('store', storeContract);
