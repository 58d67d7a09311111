import { distributeContract } from './contract/distribute.contract.ts';
import { describeOnPostgres } from './contract/test-engines.ts';

describeOnPostgres('spreading over servers', distributeContract);
