import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { StoreError } from '../errors.ts';
import { describeTarget, maskUrl, resolveDatabaseTarget } from './database-url.ts';

const workspaceRoot = join('/', 'work', 'space');
const resolve = (env: Record<string, string | undefined> = {}, dbUrl?: string) =>
  resolveDatabaseTarget({ dbUrl, env, workspaceRoot, standsIn: workspaceRoot });

function refusalOf(work: () => unknown): StoreError {
  try {
    work();
  } catch (error) {
    return error as StoreError;
  }
  return expect.fail('nothing was thrown');
}

describe('resolveDatabaseTarget', () => {
  const all = { DATABASE_URL: 'postgresql://b/b', TARGET_DB_URL: 'postgresql://c/c', DB_DIR: 'd' };

  it('takes --db-url, then DATABASE_URL, then TARGET_DB_URL, then the embedded database', () => {
    expect(resolve(all, 'postgresql://a/a')).toEqual({
      engine: 'postgres',
      url: 'postgresql://a/a',
      source: '--db-url',
    });
    expect(resolve(all)).toMatchObject({ url: 'postgresql://b/b', source: 'DATABASE_URL' });
    expect(resolve({ ...all, DATABASE_URL: undefined })).toMatchObject({ source: 'TARGET_DB_URL' });
    const shownDir = '.data/pg';
    expect(resolve()).toEqual({
      engine: 'pglite',
      dir: join(workspaceRoot, '.data', 'pg'),
      shownDir,
      source: 'default',
    });
  });

  it('treats empty and blank settings as absent, and drops blanks and line ends around a URL', () => {
    expect(resolve({ DATABASE_URL: ' ', TARGET_DB_URL: '' }, '')).toMatchObject({ source: 'default' });
    expect(resolve({ DATABASE_URL: ' postgresql://b/b\r\n' })).toMatchObject({ url: 'postgresql://b/b' });
  });

  it('moves the embedded database with DB_DIR', () => {
    expect(resolve({ DB_DIR: 'x/y' })).toMatchObject({
      dir: join(workspaceRoot, 'x', 'y'),
      shownDir: 'x/y',
      source: 'DB_DIR',
    });
    const elsewhere = join('/', 'var', 'db');
    expect(resolve({ DB_DIR: elsewhere })).toMatchObject({ dir: elsewhere, shownDir: elsewhere });
    expect(resolve({ DB_DIR: 'memory://' })).toEqual({ engine: 'pglite', dir: null, source: 'DB_DIR' });
  });

  it('shows the folder as seen from where the user stands: in full from elsewhere', () => {
    const shownFrom = (...standsIn: string[]) =>
      describeTarget(resolveDatabaseTarget({ env: {}, workspaceRoot, standsIn: join('/', ...standsIn) }));
    expect(shownFrom('work', 'space')).toBe('PGlite .data/pg (default)');
    expect(shownFrom('work')).toBe('PGlite space/.data/pg (default)');
    expect(shownFrom('work', 'space', 'notes')).toBe(`PGlite ${join(workspaceRoot, '.data', 'pg')} (default)`);
    expect(shownFrom('tmp')).toBe(`PGlite ${join(workspaceRoot, '.data', 'pg')} (default)`);
  });

  it.each(['1', 'true', 'YES'])('forbids the embedded database when REQUIRE_DB_URL=%s', (value) => {
    expect(refusalOf(() => resolve({ REQUIRE_DB_URL: value })).code).toBe('STORE_CONFIG');
    expect(resolve({ REQUIRE_DB_URL: value, DATABASE_URL: 'postgresql://h/d' }).engine).toBe('postgres');
  });

  it.each(['0', '', 'false'])('allows it when REQUIRE_DB_URL=%s', (value) => {
    expect(resolve({ REQUIRE_DB_URL: value }).engine).toBe('pglite');
  });

  it.each([
    ['postgres://u:p@h:5433/d?sslmode=require', 'postgresql://u:p@h:5433/d?sslmode=require'],
    ['postgresql+psycopg2://u@h/d', 'postgresql://u@h/d'],
    ['POSTGRES://h', 'postgresql://h'],
    ['postgresql:///d?host=/var/run/postgresql', 'postgresql:///d?host=/var/run/postgresql'],
    ['postgresql://u:p@/d?host=/run/pg', 'postgresql://u:p@/d?host=/run/pg'],
    ['postgresql://u:p%40ss%2F@[::1]:5432/d', 'postgresql://u:p%40ss%2F@[::1]:5432/d'],
  ])('reads %s', (given, url) => {
    expect(resolve({}, given)).toMatchObject({ url });
  });

  it.each([
    'mysql://u:hush@h/d',
    'postgresql://u:hush@h:port/d',
    'postgresql//u:hush@h/d',
    'postgresql://u:hu sh@h/d',
    'postgresql://u:hush%@h/d',
    'postgresql://u:hu/sh@h/d',
    'postgresql://u:hush',
    'u:hush@h',
    'host=h password=hush',
    'h:hush',
    'nonsense',
  ])('refuses %s without showing a password', (url) => {
    for (const error of [refusalOf(() => resolve({}, url)), refusalOf(() => resolve({ DATABASE_URL: url }))]) {
      expect(error.code).toBe('STORE_CONFIG');
      expect(error.message).not.toMatch(/hush|hu sh|hu\/sh/);
      expect(error.message).toMatch(/^(--db-url|DATABASE_URL) is not a PostgreSQL URL/);
    }
  });
});

describe('maskUrl', () => {
  it.each([
    ['postgresql://u:hush@h:5432/d', 'postgresql://u:***@h:5432/d'],
    ['postgresql://u@h/d', 'postgresql://u@h/d'],
    ['postgresql://h:5432/d', 'postgresql://h:5432/d'],
    ['postgresql://u:hu@sh@h/d', 'postgresql://u:***@h/d'],
    ['postgresql://u:hu:sh@h/d', 'postgresql://u:***@h/d'],
    ['postgresql://:hush@h/d', 'postgresql://:***@h/d'],
    ['postgresql://h/d?user=u&password=hush&x=1', 'postgresql://h/d?user=u&password=***&x=***'],
    ['postgresql://u@h/password=hush', 'postgresql://u@h/***'],
    ['mysql://h:hush', 'mysql://h:***'],
    ['mysql://@h:3306/d', 'mysql://@h:3306/d'],
    ['postgresql://u@h/d?pasword=hush&sslmode=require', 'postgresql://u@h/d?pasword=***&sslmode=require'],
    ['postgresql://h/d?sslpassword=hush', 'postgresql://h/d?sslpassword=***'],
    ['postgresql://u:hush@h/d?PGPASSWORD=hush', 'postgresql://u:***@h/d?PGPASSWORD=***'],
  ])('shows %s as %s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown);
  });
});

describe('describeTarget', () => {
  it('says engine, place and source in one line', () => {
    expect(describeTarget(resolve({ DATABASE_URL: 'postgres://user:hush@host:5432/db' }))).toBe(
      'PostgreSQL postgresql://user:***@host:5432/db (DATABASE_URL)',
    );
    expect(describeTarget(resolve())).toBe('PGlite .data/pg (default)');
    expect(describeTarget(resolve({ DB_DIR: 'memory://' }))).toBe('PGlite in memory (DB_DIR)');
    expect(describeTarget({ engine: 'pglite', dir: '/a/b', source: 'test' })).toBe('PGlite /a/b (test)');
  });
});
