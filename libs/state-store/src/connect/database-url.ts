import { join, resolve } from 'node:path';

import { StoreError } from '../errors.ts';
import { shownPath } from './shown-path.ts';
import { withTlsOfEnvironment } from './tls.ts';

/** The chosen database, and the setting that chose it (`--db-url`, `DATABASE_URL`, `TARGET_DB_URL`, `DB_DIR`, `default`). */
export type DatabaseTarget =
  | { engine: 'postgres'; url: string; source: string }
  | {
      engine: 'pglite';
      /** Absolute data directory; null keeps everything in memory. */
      dir: string | null;
      /** The directory relative to the user's working directory; `dir` when absent. */
      shownDir?: string;
      source: string;
    };

/** The settings from which {@link resolveDatabaseTarget} chooses. */
export interface DatabaseChoice {
  /** Value of `--db-url`. */
  dbUrl?: string;
  /** The environment, `.env` of the workspace already merged in. */
  env: Record<string, string | undefined>;
  /** Absolute path under which `.data/pg` and a relative `DB_DIR` lie. */
  workspaceRoot: string;
  /** Absolute path of the user's working directory, for messages; by default that of this process. */
  standsIn?: string;
}

const DEFAULT_DIR = join('.data', 'pg');
/** PGlite's own notation for a database without files. */
const IN_MEMORY = 'memory://';

/**
 * Chooses the database (docs/operations.md): `--db-url`, then `DATABASE_URL`, then `TARGET_DB_URL`, then embedded PGlite in
 * `<workspaceRoot>/.data/pg` (`DB_DIR` names another folder, `DB_DIR=memory://` keeps the database in memory). Empty values count
 * as absent. `postgres://` and `postgresql+driver://` become `postgresql://`; `PGSSLMODE` and the other TLS variables complete a
 * URL.
 * @throws StoreError `STORE_CONFIG` for an invalid URL (its password masked), or when `REQUIRE_DB_URL=1` is set and there is no
 * URL
 */
export function resolveDatabaseTarget(choice: DatabaseChoice): DatabaseTarget {
  const urls = [
    ['--db-url', choice.dbUrl],
    ['DATABASE_URL', choice.env.DATABASE_URL],
    ['TARGET_DB_URL', choice.env.TARGET_DB_URL],
  ] as const;
  for (const [source, value] of urls) {
    const text = value?.trim() ?? '';
    if (text === '') continue;
    const url = withTlsOfEnvironment(normaliseUrl(text, source), choice.env);
    return { engine: 'postgres', url, source };
  }
  if (isOn(choice.env.REQUIRE_DB_URL)) {
    throw new StoreError(
      'STORE_CONFIG',
      'REQUIRE_DB_URL=1 forbids the embedded database, and no database URL is set.',
      {
        hint: 'Give --db-url, or set DATABASE_URL in the environment or in .env.',
      },
    );
  }
  const chosen = choice.env.DB_DIR?.trim() ?? '';
  const source = chosen === '' ? 'default' : 'DB_DIR';
  if (chosen === IN_MEMORY) return { engine: 'pglite', dir: null, source };
  const dir = resolve(choice.workspaceRoot, chosen === '' ? DEFAULT_DIR : chosen);
  return { engine: 'pglite', dir, shownDir: shownPath(dir, choice.standsIn), source };
}

/** One line for banners and messages: the engine, the place, and the setting that chose it; passwords are `***`. */
export function describeTarget(target: DatabaseTarget): string {
  if (target.engine === 'postgres') return `PostgreSQL ${maskUrl(target.url)} (${target.source})`;
  return `PGlite ${target.dir === null ? 'in memory' : (target.shownDir ?? target.dir)} (${target.source})`;
}

/** Parameters of a URL that may be shown; the value of any other is hidden, since its name may be a mistyped `password`. */
const SHOWN_SETTINGS = new Set([
  ...['user', 'host', 'port', 'dbname', 'database', 'options', 'client_encoding', 'connect_timeout'],
  ...['application_name', 'fallback_application_name', 'target_session_attrs', 'uselibpqcompat'],
  ...['ssl', 'sslmode', 'sslnegotiation', 'sslrootcert', 'sslcert', 'sslkey'],
]);

/** Replaces every password in a URL by `***`; also works for text that is not a valid URL. */
export function maskUrl(text: string): string {
  const inQuery = text.replace(/([?&#])([^=&#]*=)?[^?&#]*/g, (setting, mark: string, name: string = '') =>
    SHOWN_SETTINGS.has(name.slice(0, -1).toLowerCase()) || setting === mark ? setting : `${mark}${name}***`,
  );
  const scheme = /^[a-z][a-z0-9+.-]*:\/+/i.exec(inQuery)?.[0] ?? '';
  const rest = inQuery.slice(scheme.length);
  // up to the LAST @: an unescaped @ or / in a password must not leave its tail behind
  const at = rest.lastIndexOf('@');
  if (at < 0 && !isPostgresUrl(text)) {
    // not a URL: what follows a colon may be a password
    return scheme + rest.replace(/:.*$/s, ':***');
  }
  const colon = rest.indexOf(':');
  const login = colon >= 0 && colon < at ? `${rest.slice(0, colon)}:***` : rest.slice(0, Math.max(at, 0));
  // not a plausible database name: '@' or '?' is probably missing
  return scheme + login + rest.slice(Math.max(at, 0)).replace(/\/[^?#]*[:=][^?#]*/, '/***');
}

function normaliseUrl(text: string, source: string): string {
  const url = text.replace(/^postgres(ql)?(\+[a-z0-9_]+)?:\/\//i, 'postgresql://');
  if (isPostgresUrl(url)) return url;
  throw new StoreError('STORE_CONFIG', `${source} is not a PostgreSQL URL: ${refusedText(text)}`, {
    hint: 'Write postgresql://<user>:<password>@<host>:5432/<database>, with / @ : # ? of the password percent-encoded.',
  });
}

/** The part of an invalid URL that may be shown; a password could be anywhere in it. */
function refusedText(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme === undefined) return 'it does not begin with postgresql://';
  const host = /@([\w.:[\]-]*)[^@]*$/.exec(text)?.[1] ?? '';
  return `${scheme}***${host === '' ? '' : `@${host}`}`;
}

function isPostgresUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\//i.test(text) || /\s/.test(text)) return false;
  try {
    // a socket URL has user information but no host
    new URL(text.replace('@/', '@localhost/'));
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isOn(value: string | undefined): boolean {
  return /^(1|true|yes|on)$/i.test(value?.trim() ?? '');
}
