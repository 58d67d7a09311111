import { partitionContract } from './contract/partition.contract.ts';
import { describeOnPostgres } from './contract/test-engines.ts';

describeOnPostgres('partitions by id', partitionContract);
