import { stat } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { ImportError } from './errors.ts';

/** Names of price files in a folder, in small letters or capitals. */
const IN_FOLDER = '*.{csv,csv.gz,txt,txt.gz,tsv,tsv.gz,zip}';

/**
 * The paths that the words of a command line stand for: a file for itself, a folder for its price files, and a glob
 * (`prices/*.csv`) for what it matches; each path once, those of a folder or a glob in the order of their names.
 *
 * @param folder what relative words start from
 * @throws ImportError `IMPORT_FILE_NOT_FOUND` for a folder without price files or a glob without a match; that a single file
 *   does not exist is noticed when it is opened
 */
export async function priceFilePaths(words: readonly string[], folder: string): Promise<string[]> {
  const paths = new Set<string>();
  for (const word of words) for (const found of await pathsOf(word, folder)) paths.add(found);
  return [...paths];
}

async function pathsOf(word: string, folder: string): Promise<string[]> {
  const place = path.resolve(folder, word);
  const facts = await stat(place).catch(() => null);
  if (facts?.isDirectory() === true) {
    const found = await matches(IN_FOLDER, place, false);
    if (found.length > 0) return found;
    throw new ImportError('IMPORT_FILE_NOT_FOUND', `${place} is a folder without price files`, {
      hint: 'Of a folder, the files that end in .csv, .txt, .tsv (or these and .gz) or .zip are read.',
      context: { path: place },
    });
  }
  if (facts !== null || !/[*?[\]{}]/.test(word)) return [place];
  const found = await matches(word, folder);
  if (found.length > 0) return found;
  throw new ImportError('IMPORT_FILE_NOT_FOUND', `${word} does not match a file`, { context: { path: word } });
}

async function matches(pattern: string, cwd: string, caseSensitiveMatch = true): Promise<string[]> {
  const found = await glob(pattern.split(path.sep).join('/'), {
    cwd,
    absolute: true,
    onlyFiles: true,
    expandDirectories: false,
    caseSensitiveMatch,
  });
  return found.map((one) => path.normalize(one)).sort();
}
