import { hideBin } from 'yargs/helpers';
import { runCommandLine } from './command-line.ts';
import { compose } from './compose.ts';

await runCommandLine(hideBin(process.argv), compose());
