/** An invalid parameter; the request is answered with 400, and no query runs. */
export class BadParameter extends Error {
  override readonly name = 'BadParameter';

  constructor(name: string, expected: string) {
    // the message does not repeat the value, which may be anything
    super(`${name}: expected ${expected}`);
  }
}

/** Reads one parameter; `undefined` when the request does not have it. */
export type Reader<T> = (value: string | undefined, name: string) => T;

/**
 * Reads the parameters of a request: every one must be known, given once, and pass its reader.
 * @throws BadParameter
 */
export function readParameters<T>(query: URLSearchParams, readers: { [K in keyof T]: Reader<T[K]> }): T {
  const known = Object.keys(readers);
  for (const name of query.keys()) {
    if (!known.includes(name)) throw new BadParameter('parameters', `only ${known.join(', ') || 'none'}`);
    if (query.getAll(name).length > 1) throw new BadParameter(name, 'to be given once');
  }
  return Object.fromEntries(
    known.map((name) => [name, readers[name as keyof T](query.get(name) ?? undefined, name)]),
  ) as T;
}

/** A whole number in plain decimal digits. It may be left out only if there is a `fallback`. */
export function integer(least: number, most: number, fallback?: number): Reader<number> {
  return (value, name) => {
    if (value === undefined && fallback !== undefined) return fallback;
    const number = value !== undefined && /^(0|[1-9][0-9]{0,9})$/.test(value) ? Number(value) : NaN;
    if (!(number >= least && number <= most)) throw new BadParameter(name, `a whole number from ${least} to ${most}`);
    return number;
  };
}

/** One word of a closed list. */
export function oneOf<T extends string>(words: readonly T[]): Reader<T> {
  return (value, name) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new BadParameter(name, 'a name from the catalogue');
    return found;
  };
}

/** The name of a run: letters, digits and a few marks. */
export const runName: Reader<string> = (value, name) => {
  if (value === undefined || !/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/.test(value)) {
    throw new BadParameter(name, 'the name of a run');
  }
  return value;
};
