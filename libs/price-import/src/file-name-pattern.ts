import { ImportError } from './errors.ts';

/** What the name of a file says about its asset: its id, its symbol or its name. */
export type NamedAsset = { readonly id: number } | { readonly symbol: string } | { readonly name: string };

/**
 * Reads a pattern that takes the asset from a file's name, such as `{id}.csv`, `{symbol}USDT-1d-*.zip` or `coin_{name}.csv`;
 * a star matches anything. An id consists of digits, a symbol of letters, digits and dots.
 *
 * @returns the asset of a file name
 * @throws ImportError `IMPORT_BAD_OPTION` unless the pattern holds exactly one of `{id}`, `{symbol}` and `{name}`; the returned
 *   function throws `IMPORT_ASSET_UNKNOWN` for a name that does not fit
 */
export function fileNamePattern(pattern: string): (fileName: string) => NamedAsset {
  const places = pattern.match(/\{(?:id|symbol|name)\}/g) ?? [];
  if (places.length !== 1) {
    throw new ImportError('IMPORT_BAD_OPTION', `--id-from: "${pattern}" must hold one of {id}, {symbol} and {name}`, {
      hint: 'Examples: --id-from "{id}.csv", --id-from "{symbol}USDT-1d-*.zip", --id-from "coin_{name}.csv"',
    });
  }
  const kind = places[0].slice(1, -1) as 'id' | 'symbol' | 'name';
  const shape = new RegExp(
    `^${pattern
      .split(/(\{(?:id|symbol|name)\}|\*)/)
      .map((part) => (part === '*' ? '.*?' : part === places[0] ? `(${CAPTURED[kind]})` : escaped(part)))
      .join('')}$`,
  );
  return (fileName) => {
    const found = shape.exec(fileName)?.[1];
    if (found === undefined || (kind === 'id' && !(Number(found) >= 1 && Number(found) <= 2_147_483_647))) {
      throw new ImportError('IMPORT_ASSET_UNKNOWN', `${fileName} does not fit --id-from "${pattern}"`, {
        hint: 'Rename the file, import it alone with --id, or change the pattern.',
        context: { fileName, pattern },
      });
    }
    if (kind === 'id') return { id: Number(found) };
    return kind === 'symbol' ? { symbol: found } : { name: found };
  };
}

const CAPTURED = { id: '[0-9]+', symbol: '[A-Za-z0-9.]+?', name: '.+?' };

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
