import yargs, { type Argv, type CommandModule } from 'yargs';
import { CliError } from './cli-error.ts';
import { EXIT, EXIT_CODE_HELP } from './exit-codes.ts';
import { failureLines } from './failure-lines.ts';
import { assertNumber } from './flag-values.ts';
import { RANGES } from './flags.ts';
import { watchSilence } from './pulse.ts';
import type { Surroundings } from './surroundings.ts';
import { usageError } from './usage-error.ts';

/** What differs from program to program; the command line is read in the same way for all of them. */
export interface Program {
  readonly name: string;
  /** One sentence for the help text. */
  readonly purpose: string;
  /** The commands in the order of the help text. */
  commands(around: Surroundings): readonly CommandModule[];
  /** Exit codes by the beginning of the error code, for this program only. */
  readonly exitCodes?: readonly (readonly [string, number])[];
}

/** Flags that may be given several times: the values are joined. */
const LISTS = [
  ...['ids', 'builders', 'only', 'skip', 'periods', 'files', 'by'],
  ...['families', 'tfs', 'checks', 'skip-checks'],
];

/** Flags whose value may be left out. */
const VALUE_OPTIONAL = ['resume'];

/** What yargs knows about the declared options; `getOptions` is missing from its types. */
interface KnownOptions {
  readonly string: readonly string[];
  readonly number: readonly string[];
  readonly boolean: readonly string[];
  readonly choices: Readonly<Record<string, readonly unknown[]>>;
  /** Other names of a flag. */
  readonly alias: Readonly<Record<string, readonly string[]>>;
  readonly key: Readonly<Record<string, unknown>>;
}
type Parser = Argv & { getOptions(): KnownOptions; getInternalMethods(): { getUsageInstance(): HelpText } };

/** Composes help texts. */
interface HelpText {
  /** yargs calls it when a command has begun, to have the help text ready if the command fails. */
  cacheHelpMessage(): void;
}

/**
 * Runs one command line of a program. Any failure is reported as one message, with a hint where there is one, and sets a
 * documented exit code in `process.exitCode`.
 *
 * @param argv words after the program's name
 */
export async function runProgram(program: Program, argv: readonly string[], surroundings: Surroundings): Promise<void> {
  const { around, begin, stop } = watchSilence(surroundings);
  const commands = program.commands(around);
  const commandNames = commands.map(({ command }) => String(command).split(' ')[0] as string);
  let isParsed = false;
  const parser: Argv = yargs([...argv])
    .locale('en')
    .scriptName(program.name)
    .usage(`$0 <command>\n\n${program.purpose}`)
    .parserConfiguration({
      'duplicate-arguments-array': true,
      'boolean-negation': true,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .command(commands.map(withNeededValues))
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
    .middleware(({ _: words }) => {
      isParsed = true;
      begin([program.name, ...words].join(' '));
    })
    .fail((message, error) => {
      const flags = Object.keys((parser as unknown as Parser).getOptions().key);
      throw error instanceof CliError
        ? error
        : usageError(message, argv, { flags, commands: [...commandNames, 'completion'] });
    });
  // a failure prints no help here, and composing the help takes longer than many commands
  (parser as unknown as Parser).getInternalMethods().getUsageInstance().cacheHelpMessage = () => undefined;
  try {
    await parser.parseAsync().finally(stop);
  } catch (error) {
    const told = isParsed || error instanceof CliError ? error : asUsageError(error);
    report(surroundings, program, argv, told, commandNames);
  }
}

function asUsageError(error: unknown): CliError {
  return new CliError('CLI_USAGE', error instanceof Error ? error.message : String(error));
}

function report(
  around: Surroundings,
  { name, exitCodes }: Program,
  argv: readonly string[],
  error: unknown,
  commandNames: readonly string[],
): void {
  const isMistake = error instanceof CliError && error.exitCode === EXIT.usage;
  const { lines, exitCode } = failureLines(error, argv.includes('--verbose') && !isMistake, exitCodes);
  for (const line of lines) around.warn(line);
  if (exitCode === EXIT.usage) {
    const command = argv.find((word) => commandNames.includes(word));
    around.warn(`  Help: ${name} ${command === undefined ? '' : `${command} `}--help`);
  }
  process.exitCode = exitCode;
}

/** Makes yargs refuse a flag without its value: `--db-url --all` would otherwise use the default database. */
function withNeededValues(module: CommandModule): CommandModule {
  const positionals = [...String(module.command).matchAll(/[<[]([a-z-]+)/g)].map((match) => match[1] as string);
  return {
    ...module,
    builder: (parser: Argv) => {
      const built = (module.builder as (parser: Argv) => Argv)(parser);
      const valued = valuedFlags((built as unknown as Parser).getOptions());
      const needed = valued.filter((name) => !VALUE_OPTIONAL.includes(name) && !positionals.includes(name));
      return needed.length === 0 ? built : built.requiresArg(needed);
    },
  };
}

/** The flags that take a value: a text, a number, or one of several words. */
function valuedFlags({ string, number, choices }: KnownOptions): string[] {
  return [...new Set([...string, ...number, ...Object.keys(choices)])];
}

/**
 * Refuses values that the parser accepts silently: a repeated flag, an empty text, a text in place of a number, a number out of
 * the range of its flag.
 */
function assertValues(args: Record<string, unknown>, options: KnownOptions, argv: readonly string[]): true {
  for (const name of options.boolean) {
    const value = args[name];
    // of an on/off flag given several times the last one counts
    if (Array.isArray(value)) args[name] = args[camelCase(name)] = value.at(-1) as unknown;
    else if (value !== undefined && typeof value !== 'boolean')
      throw badValue(name, value, 'no value: it is on or off');
    const odd = argv.find((word) => word.startsWith(`--${name}=`) && !/=(true|false)$/.test(word));
    if (odd !== undefined) throw badValue(name, odd.slice(odd.indexOf('=') + 1), 'no value: it is on or off');
  }
  for (const name of valuedFlags(options)) assertValue(name, args[name], options, argv);
  return true;
}

function assertValue(name: string, value: unknown, options: KnownOptions, argv: readonly string[]): void {
  const spellings = [name, ...(options.alias[name] ?? [])].flatMap((spelling) => [spelling, camelCase(spelling)]);
  // for `--no-NAME` the parser would set a flag with a text to `false` and one with a number to 0
  if (spellings.some((spelling) => argv.includes(`--no-${spelling}`))) {
    throw new CliError('CLI_MISSING_VALUE', `--${name} needs a value: there is no --no-${name}`);
  }
  if (Array.isArray(value) && !LISTS.includes(name)) {
    throw new CliError('CLI_REPEATED_FLAG', `--${name} is given ${value.length} times`, { hint: 'Give it once.' });
  }
  const written = spellings.map((spelling) => typed(argv, spelling)).find((text) => text !== undefined);
  if (options.number.includes(name) && typeof value === 'number' && !Number.isFinite(value)) {
    throw badValue(name, written ?? String(value), 'a number');
  }
  // the code that reads a list refuses an empty one, with an example
  if (written === '' && !VALUE_OPTIONAL.includes(name) && !LISTS.includes(name)) throw badValue(name, '', 'a value');
  const range = RANGES[name];
  if (range !== undefined && typeof value === 'number') assertNumber(name, value, range.isGood, range.expected);
}

/** The text that the operator wrote for a flag, if it was given. */
function typed(argv: readonly string[], name: string): string | undefined {
  const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return at === -1 ? undefined : argv[at] === `--${name}` ? argv[at + 1] : argv[at]?.slice(name.length + 3);
}

function badValue(name: string, value: unknown, expected: string): CliError {
  return new CliError('CLI_BAD_VALUE', `--${name}: expected ${expected}, got "${String(value)}"`);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
