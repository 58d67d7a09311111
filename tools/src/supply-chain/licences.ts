import type { LockedPackage } from './installed-packages.ts';

/** Licences that shipped packages may have: they require a notice at most. */
const SHIPPED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PostgreSQL',
]);
/** Licences that development packages may have: their terms bind those who distribute the package, which we do not. */
const TOOLS = new Set([...SHIPPED, 'CC-BY-4.0', 'MPL-2.0', 'Python-2.0']);
/** Licences, read in the packages' own files, of packages whose `package.json` names none. */
const READ_BY_HAND: Readonly<Record<string, string>> = { 'spawndamnit@3.0.1': 'MIT' };

/** A package whose licence is not allowed. */
export interface LicenceRefusal {
  readonly package: string;
  readonly license: string;
  readonly isDev: boolean;
}

/** Packages whose licence is not allowed: shipped ones by their own list, development packages by the longer one; each once. */
export function refusedLicences(packages: readonly LockedPackage[]): LicenceRefusal[] {
  const refused = packages.flatMap(({ name, version, license, isDev }) => {
    const shown = `${name}@${version}`;
    const text = READ_BY_HAND[shown] ?? license ?? 'none';
    return isAllowed(text, isDev ? TOOLS : SHIPPED) ? [] : [{ package: shown, license: text, isDev }];
  });
  return [...new Map(refused.map((refusal) => [refusal.package, refusal])).values()];
}

/** How many packages there are under each licence, most first. */
export function licenceCounts(packages: readonly LockedPackage[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { license } of packages) counts.set(license ?? 'none', (counts.get(license ?? 'none') ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** Evaluates an SPDX expression of names, AND, OR and parentheses. Anything else, also WITH, is not allowed. */
function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const choice = (): boolean => {
    let value = all();
    while (words[at] === 'OR') {
      at++;
      value = all() || value;
    }
    return value;
  };
  const all = (): boolean => {
    let value = one();
    while (words[at] === 'AND') {
      at++;
      value = one() && value;
    }
    return value;
  };
  const one = (): boolean => {
    const word = words[at++];
    if (word !== '(') return word !== undefined && allowed.has(word);
    const value = choice();
    return words[at++] === ')' && value;
  };
  const value = choice();
  return value && at === words.length;
}
