import { NotebookError } from './errors.ts';

/** Names that an error lists at most. */
const MOST_LISTED = 12;

/**
 * Checks that a name is one of those there are.
 * @param what what is named, for the message: `family`, `tf` …
 * @throws NotebookError `NOTEBOOK_UNKNOWN_NAME`, which lists the names that are near, or all when they are few
 */
export function assertKnown(what: string, name: unknown, known: readonly (string | number)[]): void {
  if (known.includes(name as string)) return;
  const shown = name === undefined ? 'missing' : JSON.stringify(name);
  throw new NotebookError('NOTEBOOK_UNKNOWN_NAME', `${what} is ${shown}; ${nearOf(String(name), known.map(String))}`);
}

/** Checks that several names are a list of those there are. @throws NotebookError `NOTEBOOK_UNKNOWN_NAME` */
export function assertAllKnown(what: string, names: unknown, known: readonly (string | number)[]): void {
  if (Array.isArray(names) && names.length > 0) return names.forEach((name) => assertKnown(what, name, known));
  if (names === undefined || Array.isArray(names)) return assertKnown(`${what}s`, names, known);
  const shown = JSON.stringify(names);
  throw new NotebookError('NOTEBOOK_UNKNOWN_NAME', `${what}s is ${shown}, not a list: [${shown}]`);
}

/** Checks that a request is one, and has no other keys than those there are. @throws NotebookError `NOTEBOOK_UNKNOWN_NAME` */
export function assertKeys(request: object, known: readonly string[]): void {
  if (typeof request !== 'object' || request === null) {
    throw new NotebookError('NOTEBOOK_UNKNOWN_NAME', `nothing is chosen; choose by ${known.join(', ')}`);
  }
  for (const key of Object.keys(request)) {
    if (known.includes(key)) continue;
    throw new NotebookError(
      'NOTEBOOK_UNKNOWN_NAME',
      `there is no "${key}" to choose by; there are ${known.join(', ')}`,
    );
  }
}

/**
 * Checks that the bounds of a request are instants in epoch ms, as `Date.parse` gives them: text, or seconds, would leave
 * out everything or nothing.
 * @throws NotebookError `NOTEBOOK_BAD_INSTANT`
 */
export function assertInstants(bounds: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(bounds)) {
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) continue;
    const shown = value instanceof Date ? 'a Date' : JSON.stringify(value);
    const meant = typeof value === 'string' && Number.isFinite(Date.parse(value)) ? JSON.stringify(value) : null;
    const way = value instanceof Date ? 'date.getTime()' : `Date.parse(${meant ?? "'2020-12-28'"})`;
    throw new NotebookError('NOTEBOOK_BAD_INSTANT', `${name} is ${shown}, not a number of ms since 1970: ${way}`);
  }
}

function nearOf(name: string, known: readonly string[]): string {
  if (known.length <= MOST_LISTED) return `there are ${known.join(', ')}`;
  const wanted = name.toLowerCase();
  const distances = known.map((each) => [editDistance(wanted, each.toLowerCase()), each] as const);
  const begin = known.filter((each) => each.toLowerCase().startsWith(wanted));
  const near = distances.toSorted(([a], [b]) => a - b).map(([, each]) => each);
  return `near are ${[...new Set([...begin, ...near])].slice(0, 6).join(', ')} (of ${known.length})`;
}

/** Letters to put in, leave out or change between two texts. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + Number(from[i - 1] !== to[j - 1])));
    }
    above = row;
  }
  return above[to.length];
}
