import { runProgram, type Surroundings } from '@ta/cli-kit';
import { checkCommand } from './commands/check.ts';
import { historyCommand } from './commands/history.ts';
import { reportCommand } from './commands/report.ts';

/**
 * Runs one command line of `validator`.
 *
 * @param argv words after the program's name
 */
export function runCommandLine(argv: readonly string[], around: Surroundings): Promise<void> {
  const program = {
    name: 'validator',
    purpose: 'Recomputes every stored bar and EMA and compares it with what is stored.',
    commands: (watched: Surroundings) => [checkCommand(watched), reportCommand(watched), historyCommand(watched)],
  };
  return runProgram(program, argv, around);
}
