import { hideBin } from 'yargs/helpers';
import { outliveClosedOutput, readSurroundings } from '@ta/cli-kit';
import { runCommandLine } from './command-line.ts';

outliveClosedOutput();
await runCommandLine(hideBin(process.argv), readSurroundings());
