import { parseArgs } from 'node:util';

/** What to run. */
export interface BenchOptions {
  readonly mode: 'quick' | 'full';
  /** Names of scenarios; all of them without. */
  readonly only?: readonly string[];
  /** Where the results go as JSON; to standard output without. */
  readonly jsonFile?: string;
  readonly help: boolean;
}

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
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.quick === true && values.full === true) throw new Error('--quick and --full exclude each other');
  const only = values.only?.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const unknown = only?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(',')}: expected some of ${known.join(', ')}`);
  return { mode: values.full === true ? 'full' : 'quick', only, jsonFile: values.json, help: values.help === true };
}
