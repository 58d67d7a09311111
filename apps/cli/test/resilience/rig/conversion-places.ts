import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Session } from '@ta/state-store';
import { inFolder } from './pglite-arena.ts';
import { inDatabase, withDatabase } from './postgres-arena.ts';

/** A copy of the database that an earlier version made. */
export interface ConversionPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  inspect<T>(look: (session: Session) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

/**
 * Has a database built, and makes copies of it.
 *
 * @param serverUrl of a PostgreSQL server; without one the databases are embedded ones
 */
export async function conversionPlaces(
  serverUrl: string | undefined,
  build: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<{ template: ConversionPlace; place(): Promise<ConversionPlace>; close(): Promise<void> }> {
  const root = await mkdtemp(path.join(tmpdir(), 'ta-conversion-'));
  const args = ['--log-dir', path.join(root, 'logs')];
  const onServer = (url: string, sql: string) => inDatabase(url, (session) => session.run(sql));
  const at = (name: string): ConversionPlace => {
    if (serverUrl === undefined) {
      const dir = path.join(root, name);
      const drop = () => rm(dir, { recursive: true, force: true });
      return { args, env: { DB_DIR: dir }, inspect: (look) => inFolder(dir, (db) => db.session(look)), drop };
    }
    const url = withDatabase(serverUrl, name);
    const drop = async () => void (await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`));
    return { args, env: { DATABASE_URL: url }, inspect: (look) => inDatabase(url, look), drop };
  };
  if (serverUrl !== undefined) await onServer(serverUrl, 'CREATE DATABASE template_place');
  const template = at('template_place');
  await build(template.env);
  let places = 0;
  return {
    template,
    async place() {
      const name = `place_${++places}`;
      if (serverUrl !== undefined) await onServer(serverUrl, `CREATE DATABASE ${name} TEMPLATE template_place`);
      else await cp(path.join(root, 'template_place'), path.join(root, name), { recursive: true });
      return at(name);
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}
