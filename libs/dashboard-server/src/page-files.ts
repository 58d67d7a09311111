import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DashboardError } from './errors.ts';

/** One file of the built page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Reads the built page into memory, by URL path, so that a request can get these files and no others.
 * @throws DashboardError `DASH_NO_PAGE`
 */
export function loadPage(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  const visit = (inner: string): void => {
    for (const entry of readdirSync(path.join(folder, inner), { withFileTypes: true })) {
      const name = path.posix.join(inner, entry.name);
      const type = TYPES[path.extname(entry.name)];
      if (entry.isDirectory()) visit(name);
      else if (type !== undefined)
        files.set(`/${name}`, { type, bytes: new Uint8Array(readFileSync(path.join(folder, name))) });
    }
  };
  try {
    visit('');
  } catch (cause) {
    throw noPage(folder, cause);
  }
  const index = files.get('/index.html');
  if (index === undefined) throw noPage(folder);
  files.set('/', index);
  return files;
}

function noPage(folder: string, cause?: unknown): DashboardError {
  return new DashboardError('DASH_NO_PAGE', `There is no built page in ${folder}`, {
    hint: 'Build it: npx nx build dashboard',
    cause,
  });
}
