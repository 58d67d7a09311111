import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the workspace, three folders above this file's, both in `src` and in `dist`. */
const WORKSPACE_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The document that holds the last report. */
export const GOLDEN_DOCUMENT = join(WORKSPACE_ROOT, 'docs', 'golden.md');

/**
 * Where the golden set should be: in `golden` of the folder that `TA_SHARED_DIR` names (relative to the workspace root), or of
 * `../shared` beside the workspace if it is not set.
 */
export function goldenFolder(env: Readonly<Record<string, string | undefined>>): { path: string; exists: boolean } {
  const path = resolve(WORKSPACE_ROOT, env.TA_SHARED_DIR ?? '../shared', 'golden');
  return { path, exists: existsSync(join(path, 'small')) && existsSync(join(path, 'nominal')) };
}
