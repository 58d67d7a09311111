import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { assertNumber } from './flag-values.ts';

/** What else is said of a flag, such as its default. */
type More = Omit<Options, 'type' | 'describe' | 'choices'>;

/** A flag as yargs is told of it: its kind, its line in the help text, and what else is said of it. */
function flagOf<const Kind extends Options, const M extends More>(kind: Kind, describe: string, more: M | undefined) {
  return { ...kind, describe, ...more } as Kind & { describe: string } & NoInfer<M>;
}

/** May be given several times. */
function list(describe: string) {
  return flagOf({ type: 'string' }, describe, { coerce: (value: string | string[]): string[] => [value].flat() });
}

/**
 * A number of a certain range, for flags that several commands have: no command forgets to refuse what is outside of it.
 * @param expected what makes sense there, for the message
 */
export function numberWithin<const M extends More = object>(
  { name, isGood, expected }: { name: string; isGood: (value: number) => boolean; expected: string },
  describe: string,
  more?: M,
) {
  const coerce = (value: number): number => {
    // what is no number, or several, is refused of every flag
    if (Number.isFinite(value)) assertNumber(name, value, isGood, expected);
    return value;
  };
  return flagOf({ type: 'number', coerce }, describe, more);
}

/** The kinds of flags, given their line in the help text. */
export const flag = {
  text: <const M extends More = object>(describe: string, more?: M) => flagOf({ type: 'string' }, describe, more),
  number: <const M extends More = object>(describe: string, more?: M) => flagOf({ type: 'number' }, describe, more),
  /** On, off, or not given. */
  onOff: <const M extends More = object>(describe: string, more?: M) => flagOf({ type: 'boolean' }, describe, more),
  /** Off, unless it is given. */
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
    numberWithin(
      { name: 'wait-lock', isGood: (seconds) => seconds >= 0, expected: 'seconds, 0 or more' },
      `${when === undefined ? 'S' : `${when}: s`}econds to wait for another run to finish`,
      { default: 0 },
    ),
};

/** The flags that a builder declares, as a handler gets them: what need not be given may be left out. */
export type FlagsOf<Builder extends (yargs: Argv, ...more: never[]) => unknown> =
  ReturnType<Builder> extends Argv<infer Declared> ? Given<Declared> : never;

/** The flags of a list of options, likewise. */
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
