import yargs, { type Argv, type CommandModule } from 'yargs';
import { CliError, EXIT, EXIT_CODE_HELP, failureLines, type Surroundings } from '@ta/cli-kit';
import { commands } from './commands/index.ts';
import { usageError } from './usage-error.ts';

/** What yargs knows of the options in force; `getOptions` is missing from its types. */
interface KnownOptions {
  readonly string: readonly string[];
  readonly number: readonly string[];
  readonly boolean: readonly string[];
  readonly key: Readonly<Record<string, unknown>>;
}
type Parser = Argv & { getOptions(): KnownOptions };

/**
 * Runs one command line. Whatever goes wrong ends in one message with the way out and a documented exit code in
 * `process.exitCode`.
 *
 * @param argv words after the program's name
 */
export async function runCommandLine(argv: readonly string[], around: Surroundings): Promise<void> {
  const known = commands(around);
  const commandNames = known.map(({ command }) => String(command).split(' ')[0] as string);
  let isParsed = false;
  const parser: Argv = yargs([...argv])
    .locale('en')
    .scriptName('ta')
    .usage('$0 <command>\n\nDaily market-data refresh: daily prices into OHLCV bars and EMAs.')
    .parserConfiguration({
      'duplicate-arguments-array': true,
      'boolean-negation': true,
      'parse-positional-numbers': false,
    })
    .command(known.map(withNeededValues))
    .completion('completion', 'Print a completion script for bash or zsh')
    .demandCommand(1, 'Name a command')
    .strict()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue(EXIT_CODE_HELP)
    .help()
    .alias('help', 'h')
    .version()
    .exitProcess(false)
    .check((args, options) => assertValues(args, options as unknown as KnownOptions, argv), true)
    .middleware(() => void (isParsed = true))
    .fail((message, error) => {
      const flags = Object.keys((parser as unknown as Parser).getOptions().key);
      throw error instanceof CliError
        ? error
        : usageError(message, argv, { flags, commands: [...commandNames, 'completion'] });
    });
  try {
    await parser.parseAsync();
  } catch (error) {
    report(around, argv, isParsed || error instanceof CliError ? error : asUsageError(error), commandNames);
  }
}

function asUsageError(error: unknown): CliError {
  return new CliError('CLI_USAGE', error instanceof Error ? error.message : String(error));
}

/** What a connection that is lost means here: work had begun, or before-work.ts has said otherwise. */
const LOST_AT_WORK = [['STORE_CONNECTION_LOST', EXIT.failed]] as const;

function report(around: Surroundings, argv: readonly string[], error: unknown, commandNames: readonly string[]): void {
  const isMistake = error instanceof CliError && error.exitCode === EXIT.usage;
  const { lines, exitCode } = failureLines(error, argv.includes('--verbose') && !isMistake, LOST_AT_WORK);
  for (const line of lines) around.warn(line);
  if (exitCode === EXIT.usage) {
    const command = argv.find((word) => commandNames.includes(word));
    around.warn(`  Help: ta ${command === undefined ? '' : `${command} `}--help`);
  }
  process.exitCode = exitCode;
}

/** A flag that takes a value must not swallow its absence: `--db-url --all` would mean the default database. */
function withNeededValues(module: CommandModule): CommandModule {
  const positionals = [...String(module.command).matchAll(/[<[]([a-z-]+)/g)].map((match) => match[1] as string);
  return {
    ...module,
    builder: (parser: Argv) => {
      const built = (module.builder as (parser: Argv) => Argv)(parser);
      const { string, number } = (built as unknown as Parser).getOptions();
      const valued = [...string, ...number].filter((name) => name !== 'resume' && !positionals.includes(name));
      return valued.length === 0 ? built : built.requiresArg(valued);
    },
  };
}

/** Flags that may be given several times: the values are joined. */
const LISTS = ['ids', 'builders', 'only', 'skip', 'periods', 'files', 'by'];

/** Values that the parser takes without a word: twice the same flag, empty text, a text where a number belongs. */
function assertValues(args: Record<string, unknown>, options: KnownOptions, argv: readonly string[]): true {
  for (const name of options.boolean) {
    const value = args[name];
    // given twice it means the same as once
    if (Array.isArray(value)) args[name] = args[camelCase(name)] = value.at(-1) as unknown;
    else if (value !== undefined && typeof value !== 'boolean')
      throw badValue(name, value, 'no value: it is on or off');
    const odd = argv.find((word) => word.startsWith(`--${name}=`) && !/=(true|false)$/.test(word));
    if (odd !== undefined) throw badValue(name, odd.slice(odd.indexOf('=') + 1), 'no value: it is on or off');
  }
  for (const name of [...options.number, ...options.string]) {
    const value = args[name];
    if (Array.isArray(value) && !LISTS.includes(name)) {
      throw new CliError('CLI_REPEATED_FLAG', `--${name} is given ${value.length} times`, { hint: 'Give it once.' });
    }
    if (options.number.includes(name) && typeof value === 'number' && !Number.isFinite(value)) {
      throw badValue(name, typed(argv, name) ?? String(value), 'a number');
    }
    if (value === '' && argv.includes(`--${name}`) && name !== 'resume' && name !== 'ids' && !LISTS.includes(name)) {
      throw badValue(name, '', 'a value');
    }
  }
  return true;
}

/** What the operator wrote for a flag. */
function typed(argv: readonly string[], name: string): string | undefined {
  const inline = argv.find((word) => word.startsWith(`--${name}=`));
  return inline === undefined ? argv[argv.indexOf(`--${name}`) + 1] : inline.slice(name.length + 3);
}

function badValue(name: string, value: unknown, expected: string): CliError {
  return new CliError('CLI_BAD_VALUE', `--${name}: expected ${expected}, got "${String(value)}"`);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
