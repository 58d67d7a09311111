import { hideBin } from 'yargs/helpers';
import { outliveClosedOutput, withSurroundings } from '@ta/cli-kit';
import { runCommandLine } from './command-line.ts';

outliveClosedOutput();
await withSurroundings((around) => runCommandLine(hideBin(process.argv), around));
