import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EXIT, EXIT_CODE_HELP } from '@ta/cli-kit';
import { commands } from './commands/index.ts';
import { compose } from './compose.ts';
import { explain } from './explain-failure.ts';

const around = compose();
const argv = hideBin(process.argv);
let isParsed = false;

const parser = yargs(argv)
  .scriptName('ta')
  .usage('$0 <command>\n\nDaily market-data refresh: daily prices into OHLCV bars and EMAs.')
  .parserConfiguration({
    'duplicate-arguments-array': true,
    'boolean-negation': true,
    'parse-positional-numbers': false,
  })
  .command(commands(around))
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

/** A message of the parser itself. */
class UsageError extends Error {}

try {
  await parser.parseAsync();
} catch (error) {
  if (error instanceof UsageError || !isParsed) {
    around.warn(`[ERROR] ${error instanceof Error ? error.message : String(error)}`);
    around.warn(
      `Help: ta ${argv
        .filter((word) => !word.startsWith('-'))
        .slice(0, 1)
        .join(' ')} --help`.replace('  ', ' '),
    );
    process.exitCode = EXIT.usage;
  } else {
    const { lines, exitCode } = explain(error, argv.includes('--verbose'));
    for (const line of lines) around.warn(line);
    process.exitCode = exitCode;
  }
}
