import { CliError } from './cli-error.ts';
import { nearestName } from './names.ts';

/** The words that may be suggested in place of a mistyped one. */
export interface KnownWords {
  /** Names of the flags of the command, without dashes. */
  readonly flags: readonly string[];
  readonly commands: readonly string[];
}

/** Turns a message of the parser into an error that names the wrong word and suggests the nearest valid one. */
export function usageError(message: string, argv: readonly string[], known: KnownWords): CliError {
  const unknown = /^Unknown (?:arguments?|commands?): (.*)$/.exec(message);
  if (unknown !== null) return unknownWords((unknown[1] as string).split(', '), argv, known);
  const invalid = /Argument: ([^,]+), Given: (.*), Choices: (.*)/.exec(message);
  if (invalid !== null) return badChoice(invalid[1] as string, invalid[2] as string, invalid[3] as string, argv);
  const following = /^Not enough arguments following: (.*)$/.exec(message);
  if (following !== null) {
    return new CliError('CLI_MISSING_VALUE', `--${following[1]} needs a value`);
  }
  const missing = /^Missing required arguments?: (.*)$/.exec(message);
  if (missing !== null) {
    return new CliError('CLI_MISSING_FLAG', `Missing: ${(missing[1] as string).split(', ').map(flagText).join(', ')}`);
  }
  const few = /^Not enough non-option arguments: got (\d+), need at least (\d+)$/.exec(message);
  if (few !== null) {
    return new CliError('CLI_MISSING_WORD', `The command needs ${few[2]} word(s) after its name, got ${few[1]}`);
  }
  const both = /^Arguments (.*) and (.*) are mutually exclusive$/.exec(message);
  if (both !== null) return new CliError('CLI_CONFLICT', `--${both[1]} and --${both[2]} exclude each other`);
  return new CliError('CLI_USAGE', message);
}

function unknownWords(words: readonly string[], argv: readonly string[], known: KnownWords): CliError {
  const first = argv.find((word) => !word.startsWith('-'));
  if (first !== undefined && !known.commands.includes(first)) return unknownCommand(first, known);
  // the parser lists an unknown flag also in camel case
  const typed = words.find((word) => isFlag(word, argv) || argv.includes(word)) ?? (words[0] as string);
  if (!isFlag(typed, argv)) {
    return new CliError('CLI_UNKNOWN_WORD', `Unknown word "${typed}"`, {
      hint: 'A list of ids is written without spaces: --ids 1,52,825. Quote text with spaces.',
    });
  }
  const isShort = typed.length === 1;
  const near = isShort ? undefined : nearestName(typed, known.flags.filter(isLongKebab));
  return new CliError('CLI_UNKNOWN_FLAG', `Unknown flag ${isShort ? '-' : '--'}${typed}`, {
    hint: near === undefined ? undefined : `Did you mean --${near}?`,
  });
}

function unknownCommand(typed: string, known: KnownWords): CliError {
  const near = nearestName(typed, known.commands);
  const hint = `${near === undefined ? '' : `Did you mean ${near}? `}Commands: ${known.commands.join(', ')}`;
  return new CliError('CLI_UNKNOWN_COMMAND', `Unknown command "${typed}"`, { hint });
}

function isLongKebab(name: string): boolean {
  return name.length > 1 && !/[A-Z]/.test(name);
}

function isFlag(word: string, argv: readonly string[]): boolean {
  return argv.some((given) => given.startsWith('-') && given.replace(/^-+(no-)?/, '').split('=')[0] === word);
}

function badChoice(name: string, given: string, choices: string, argv: readonly string[]): CliError {
  const value = given.replaceAll('"', '');
  const valid = choices.replaceAll('"', '').split(', ');
  const near = nearestName(value, valid);
  const who = isFlag(name, argv) ? `--${name}: ` : '';
  return new CliError('CLI_BAD_VALUE', `${who}"${value}" is not one of ${valid.join(', ')}`, {
    hint: near === undefined ? undefined : `Did you mean ${near}?`,
  });
}

function flagText(name: string): string {
  return `--${name}`;
}
