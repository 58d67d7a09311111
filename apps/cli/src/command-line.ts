import { EXIT, runProgram, type Surroundings } from '@ta/cli-kit';
import { commands } from './commands/index.ts';

/** Exit code for a lost connection: work had begun, since `beforeWork` handles every failure before it. */
const LOST_AT_WORK = [['STORE_CONNECTION_LOST', EXIT.failed]] as const;

/**
 * Runs one command line of `ta`.
 *
 * @param argv words after the program's name
 */
export function runCommandLine(argv: readonly string[], around: Surroundings): Promise<void> {
  const program = {
    name: 'ta',
    purpose: 'Daily market-data refresh: daily prices into OHLCV bars and EMAs.',
    commands,
    exitCodes: LOST_AT_WORK,
  };
  return runProgram(program, argv, around);
}
