import { CliError } from './cli-error.ts';

/**
 * Picks names from a fixed list: `only` (or all) minus `skip`, in the order of the list, not in the order typed.
 *
 * @param known every valid name, in execution order
 * @param flags the flags' names, for messages
 * @throws CliError `CLI_UNKNOWN_NAME` for a name outside the list, `CLI_NOTHING_SELECTED` when nothing is left
 */
export function selectNames<Name extends string>(
  known: readonly Name[],
  choice: { only?: readonly string[]; skip?: readonly string[] },
  flags: { only: string; skip: string; noun: string },
): Name[] {
  const only = choice.only === undefined ? undefined : split(choice.only, known, flags.only);
  if (only?.length === 0) throw nothingSelected(flags, known, `${flags.only} names none`);
  const skip = split(choice.skip ?? [], known, flags.skip);
  const left = known.filter((name) => (only === undefined || only.includes(name)) && !skip.includes(name));
  if (left.length === 0) throw nothingSelected(flags, known, 'everything is skipped');
  return left;
}

/**
 * The valid name nearest to a mistyped one: the first name that begins with it (from 3 letters on), else the one with the least
 * edit distance; undefined when no name is near.
 *
 * @param typed what the user wrote
 * @param known the valid names
 */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const lower = typed.toLowerCase();
  const begun = known.find((name) => lower.length >= 3 && name.toLowerCase().startsWith(lower));
  if (begun !== undefined) return begun;
  let best: string | undefined;
  // a name that keeps no letter of the typed one is not near it
  let least = Math.min(Math.max(2, Math.floor(typed.length / 2)), typed.length - 1) + 1;
  for (const name of known) {
    const distance = editDistance(lower, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

function split<Name extends string>(values: readonly string[], known: readonly Name[], flag: string): Name[] {
  const names = values.flatMap((value) => value.split(',')).map((name) => name.trim());
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const found = known.find((candidate) => candidate === name);
      if (found === undefined) throw unknownName(flag, name, known);
      return found;
    });
}

function unknownName(flag: string, name: string, known: readonly string[]): CliError {
  const near = nearestName(name, known);
  const hint = `${near === undefined ? '' : `Did you mean ${near}? `}Valid names: ${known.join(', ')}`;
  return new CliError('CLI_UNKNOWN_NAME', `${flag}: unknown name "${name}"`, { hint });
}

function nothingSelected(flags: { noun: string }, known: readonly string[], why: string): CliError {
  const hint = `Valid names: ${known.join(', ')}`;
  return new CliError('CLI_NOTHING_SELECTED', `No ${flags.noun} selected (${why})`, { hint });
}

/** Levenshtein distance by rows. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
