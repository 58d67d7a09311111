import { copyContract } from './contract/copy.contract.ts';
import { sessionContract } from './contract/session.contract.ts';
import { describeOnPostgres } from './contract/test-engines.ts';

describeOnPostgres('connection', (test) => {
  sessionContract(test);
  copyContract(test);
});
