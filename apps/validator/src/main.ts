import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import {
  EXIT,
  EXIT_CODE_HELP,
  failureLines,
  outliveClosedOutput,
  withSurroundings,
  type Surroundings,
} from '@ta/cli-kit';
import { checkCommand } from './commands/check.ts';
import { historyCommand } from './commands/history.ts';
import { reportCommand } from './commands/report.ts';

/** A message of the parser itself. */
class UsageError extends Error {}

outliveClosedOutput();
await withSurroundings(run);

async function run(around: Surroundings): Promise<void> {
  const argv = hideBin(process.argv);
  let isParsed = false;

  const parser = yargs(argv)
    .scriptName('validator')
    .usage('$0 <command>\n\nNothing is trusted that was not recomputed: checks every stored bar and EMA.')
    .parserConfiguration({
      'duplicate-arguments-array': true,
      'boolean-negation': true,
      'parse-positional-numbers': false,
    })
    .command(checkCommand(around))
    .command(reportCommand(around))
    .command(historyCommand(around))
    .demandCommand(1, 'Name a command')
    .recommendCommands()
    .strict()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(EXIT_CODE_HELP)
    .help()
    .alias('help', 'h')
    .version()
    .exitProcess(false)
    .middleware(() => void (isParsed = true))
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    });

  try {
    await parser.parseAsync();
  } catch (error) {
    if (error instanceof UsageError || !isParsed) {
      around.warn(`[ERROR] ${error instanceof Error ? error.message : String(error)}`);
      around.warn('Help: validator --help, validator check --help');
      process.exitCode = EXIT.usage;
    } else {
      const { lines, exitCode } = failureLines(error, argv.includes('--verbose'));
      for (const line of lines) around.warn(line);
      process.exitCode = exitCode;
    }
  }
}
