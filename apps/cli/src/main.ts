import { hideBin } from 'yargs/helpers';
import { runCommandLine } from './command-line.ts';
import { readSurroundings } from '@ta/cli-kit';

await runCommandLine(hideBin(process.argv), readSurroundings());
