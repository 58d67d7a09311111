import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';

/** Further yargs options of a flag, such as its default. */
type More = Omit<Options, 'type' | 'describe' | 'choices'>;

/** Composes the yargs options of a flag from its kind, its line in the help text, and further options. */
function flagOf<const Kind extends Options, const M extends More>(kind: Kind, describe: string, more: M | undefined) {
  return { ...kind, describe, ...more } as Kind & { describe: string } & NoInfer<M>;
}

/** A flag that may be given several times. */
function list(describe: string) {
  return flagOf({ type: 'string' }, describe, { coerce: (value: string | string[]): string[] => [value].flat() });
}

/** The numbers that make sense for a flag, and these in words, for the message. */
interface Range {
  isGood(value: number): boolean;
  readonly expected: string;
}

/** The ranges of flags that several commands share, by name; `runProgram` checks them for every command. */
export const RANGES: Readonly<Partial<Record<string, Range>>> = {
  'wait-lock': { isGood: (seconds) => seconds >= 0, expected: 'seconds, 0 or more' },
  'staleness-hours': { isGood: (hours) => hours > 0, expected: 'hours above 0' },
};

/** The kinds of flags; each function takes the flag's line in the help text. */
export const flag = {
  text: <const M extends More = object>(describe: string, more?: M) => flagOf({ type: 'string' }, describe, more),
  number: <const M extends More = object>(describe: string, more?: M) => flagOf({ type: 'number' }, describe, more),
  /** A flag that is on, off, or undefined when not given. */
  onOff: <const M extends More = object>(describe: string, more?: M) => flagOf({ type: 'boolean' }, describe, more),
  /** A flag that is off unless given. */
  off: <const M extends More = object>(describe: string, more?: M) =>
    flagOf({ type: 'boolean', default: false }, describe, more),
  /** One of several words. */
  oneOf: <const Word extends string, const M extends More = object>(
    choices: readonly Word[],
    describe: string,
    more?: M,
  ) => flagOf({ choices }, describe, more),
  list,
  ids: list('Asset ids, e.g. 1,52,825, or all  [default: all]'),
  /** `--wait-lock`. @param when it has an effect */
  waitLock: (when?: string) =>
    flagOf({ type: 'number' }, `${when === undefined ? 'S' : `${when}: s`}econds to wait for another run to finish`, {
      default: 0,
    }),
};

/** The flags that a builder declares, as a handler gets them: optional flags are optional properties, names are in camel case. */
export type FlagsOf<Builder extends (yargs: Argv, ...more: never[]) => unknown> =
  ReturnType<Builder> extends Argv<infer Declared> ? Given<Declared> : never;

/** The same for a record of options. */
export type FlagsIn<Declared extends Readonly<Record<string, Options>>> = Given<InferredOptionTypes<Declared>>;

type Given<Declared> = {
  [Name in keyof Declared as undefined extends Declared[Name] ? never : CamelCase<Name>]: Declared[Name];
} & {
  [Name in keyof Declared as undefined extends Declared[Name] ? CamelCase<Name> : never]?: Declared[Name];
};

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Name;

/** A command whose handler gets the flags that its builder declares. */
export function commandOf<Builder extends (yargs: Argv) => unknown>(command: {
  readonly command: string;
  readonly describe: string;
  readonly builder: Builder;
  readonly handler: (flags: FlagsOf<Builder>) => void | Promise<void>;
}): CommandModule {
  return command as unknown as CommandModule;
}
