import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { leaseDatabase, serveDashboard, type Served } from '@ta/dashboard-server';
import type { Database } from '@ta/state-store';

const ROOT = path.resolve(import.meta.dirname, '../..');
const WORKSPACE = path.resolve(ROOT, '../..');
let built: Promise<string> | undefined;

/** Folder of the page: the one that was built where it is as new as the source, so that no test looks at an old one, else one built now. */
export function builtPage(): Promise<string> {
  const dist = path.join(ROOT, 'dist');
  return (built ??= isNew(dist) ? Promise.resolve(dist) : buildPage());
}

function isNew(dist: string): boolean {
  const page = path.join(dist, 'index.html');
  if (!existsSync(page)) return false;
  const sources = readdirSync(path.join(WORKSPACE, 'libs')).map((lib) => path.join(WORKSPACE, 'libs', lib, 'src'));
  const files = [path.join(ROOT, 'src'), ...sources].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  );
  const builtMs = statSync(page).mtimeMs;
  return [path.join(ROOT, 'index.html'), path.join(ROOT, 'vite.config.ts'), ...files].every(
    (file) => file.endsWith('.spec.ts') || statSync(file).mtimeMs <= builtMs,
  );
}

async function buildPage(): Promise<string> {
  const root = ROOT;
  const outDir = await mkdtemp(path.join(tmpdir(), 'ta-page-'));
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }));
  // what people get: by the name of a test run, the chart library would come in its slower form for developers
  process.env['NODE_ENV'] = 'production';
  await build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  return outDir;
}

/** Serves the page over a database that stays open. */
export function servePage(database: Database, pageDir: string, nowMs: number, target: string): Promise<Served> {
  return serveDashboard({
    access: leaseDatabase(async () => ({ database, close: async () => undefined }), null),
    ...{ pageDir, host: '127.0.0.1', port: 0, token: null, target, now: () => nowMs, maxAgeHours: 48 },
  });
}
