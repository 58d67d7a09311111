import { CliError } from './cli-error.ts';

/** What `--ids` asked for: every active asset, or a list in ascending order. */
export type IdSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'list'; readonly ids: readonly number[]; readonly duplicates: readonly number[] };

const MAX_ID = 2_147_483_647;
const TOKEN = /^[1-9][0-9]*$/;

/**
 * Parses `--ids` by the one grammar of docs/operations.md#commands. A repeated flag is a union; `all` cannot be combined.
 *
 * @param values the flag's values in the order given; undefined or empty means the flag was not given (= `all`)
 * @throws CliError `CLI_BAD_IDS` naming the first bad token
 */
export function parseIds(values: readonly string[] | undefined): IdSelection {
  if (values === undefined || values.length === 0) return { kind: 'all' };
  const isAll = values.map((value) => value.trim().toLowerCase() === 'all');
  if (isAll.every(Boolean)) return { kind: 'all' };
  if (isAll.some(Boolean)) throw badIds('all', 'cannot be combined with other ids');

  const tokens = values
    .flatMap((value) => value.split(','))
    .map((token) => token.trim())
    .filter((token) => token !== '');
  if (tokens.length === 0) throw badIds(values.join(','), 'contains no id');

  const seen = new Set<number>();
  const duplicates = new Set<number>();
  for (const token of tokens) {
    const id = TOKEN.test(token) ? Number(token) : Number.NaN;
    if (!(id <= MAX_ID)) throw badIds(token, 'is not an asset id (a whole number from 1 to 2147483647)');
    if (seen.has(id)) duplicates.add(id);
    seen.add(id);
  }
  return { kind: 'list', ids: ascending(seen), duplicates: ascending(duplicates) };
}

/** Ids as the operator reads them: `[1, 52]`. */
export function formatIds(ids: readonly number[]): string {
  return `[${ids.join(', ')}]`;
}

/** The refusal of ids that are not in `dim_assets`; `hint` says what to do about them. */
export function unknownIds(ids: readonly number[], hint: string): CliError {
  return new CliError('CLI_UNKNOWN_IDS', `Unknown asset ids: ${formatIds(ids)} (not in dim_assets)`, { hint });
}

function ascending(ids: Iterable<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}

function badIds(token: string, why: string): CliError {
  return new CliError('CLI_BAD_IDS', `--ids: "${token}" ${why}`, { hint: 'Example: --ids 1,52,825   or   --ids all' });
}
