import { parseArgs } from 'node:util';

/** What to run. */
export interface BenchOptions {
  readonly mode: 'quick' | 'full';
  /** Names of scenarios; absent for all of them. */
  readonly only?: readonly string[];
  /** File for the results as JSON; absent for standard output. */
  readonly jsonFile?: string;
  /** Another checkout, with built commands, that this one is compared with. */
  readonly against?: string;
  readonly help: boolean;
}

/** The scenario that needs another checkout. */
export const VERSIONS = 'versions';

/**
 * Reads the command line.
 * @param known names of the scenarios
 * @throws Error that names the wrong argument
 */
export function benchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      against: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.quick === true && values.full === true) throw new Error('--quick and --full exclude each other');
  const only = values.only?.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const unknown = only?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(',')}: expected some of ${known.join(', ')}`);
  if (values.against === undefined && only?.includes(VERSIONS) === true) {
    throw new Error(`--only ${VERSIONS}: --against DIR names the checkout of the other version`);
  }
  return {
    mode: values.full === true ? 'full' : 'quick',
    only,
    jsonFile: values.json,
    against: values.against,
    help: values.help === true,
  };
}
