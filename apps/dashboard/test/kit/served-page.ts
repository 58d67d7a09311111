import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { leaseDatabase, serveDashboard, type Served } from '@ta/dashboard-server';
import type { Database } from '@ta/state-store';

/** Builds the page from its source, so that no test looks at an old one. */
export async function buildPage(): Promise<string> {
  const root = path.resolve(import.meta.dirname, '../..');
  const outDir = await mkdtemp(path.join(tmpdir(), 'ta-page-'));
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
