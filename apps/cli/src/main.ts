import { outliveClosedOutput, withSurroundings } from '@ta/cli-kit';
import { runCommandLine } from './command-line.ts';

outliveClosedOutput();
await withSurroundings((around) => runCommandLine(process.argv.slice(2), around));
