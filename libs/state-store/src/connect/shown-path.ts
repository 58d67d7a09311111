import { isAbsolute, relative, sep } from 'node:path';

/**
 * A path for messages: relative if it is below the user's working directory, else absolute.
 *
 * @param path an absolute path
 */
export function shownPath(path: string, standsIn = process.cwd()): string {
  const inside = relative(standsIn, path);
  const isBelow = inside !== '' && inside.split(sep)[0] !== '..' && !isAbsolute(inside);
  return isBelow ? inside.replaceAll('\\', '/') : path;
}
