import { copyContract } from './contract/copy.contract.ts';
import { sessionContract } from './contract/session.contract.ts';
import { describeOnPglite } from './contract/test-engines.ts';

describeOnPglite('connection', (test) => {
  sessionContract(test);
  copyContract(test);
});
