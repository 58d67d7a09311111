import { readFileSync } from 'node:fs';
import type { ConnectionOptions, SecureVersion } from 'node:tls';

import { StoreError } from '../errors.ts';

/** One way to connect: false means without encryption, else these are the options of the TLS handshake. */
export type Encryption = false | ConnectionOptions;

/** The encryption that a database URL requests. */
export interface TlsPlan {
  /** The URL without the TLS options, because the driver would interpret some of them differently. */
  readonly url: string;
  /** The ways to try, in this order; at least one. */
  readonly attempts: readonly Encryption[];
  /** Start with the TLS handshake immediately, without asking the server first (`sslnegotiation=direct`). */
  readonly isDirect: boolean;
}

/** The values of `sslmode` in libpq; see {@link tlsPlan}. */
const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

/** Environment variables for options that are missing in the URL, as in psql. */
const FROM_ENVIRONMENT = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
} as const;

const FILES = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;
const VERSIONS: readonly string[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const KNOWN = new Set([
  ...['ssl', ...Object.keys(FROM_ENVIRONMENT), 'sslpassword', 'sslnegotiation'],
  ...['ssl_min_protocol_version', 'ssl_max_protocol_version'],
]);
/** Value of `sslrootcert` in libpq that stands for the authorities that Node trusts. */
const SYSTEM = 'system';

/**
 * Adds the TLS options of the environment (`PGSSLMODE`, `PGSSLROOTCERT`, `PGSSLCERT`, `PGSSLKEY`) to a URL that does not set them
 * itself.
 */
export function withTlsOfEnvironment(url: string, env: Readonly<Record<string, string | undefined>>): string {
  const given = parametersOf(url);
  if (given.has('ssl')) return url;
  const missing = Object.entries(FROM_ENVIRONMENT).flatMap(([name, variable]) => {
    const value = env[variable]?.trim() ?? '';
    return value === '' || given.has(name) ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  if (missing.length === 0) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${missing.join('&')}`;
}

/**
 * Reads the encryption that a database URL requests, with the meanings of libpq:
 *
 * - `disable` never encrypted; `allow` encrypted only if the server requires it; `prefer` (default) encrypted if the
 *   server supports it
 * - `require` encrypted, without checking the server's identity; with `sslrootcert` the same as `verify-ca`
 * - `verify-ca` the certificate is signed by an authority in the file `sslrootcert`
 * - `verify-full` it also names the host of the URL; without `sslrootcert`, or with `sslrootcert=system`, the
 *   authorities that Node trusts count
 *
 * `sslcert` and `sslkey` (with `sslpassword`) are the client's own certificate. A socket in the file system is never
 * encrypted. Files are read here.
 * @throws StoreError `STORE_CONFIG` for an unknown mode or option and for a file that cannot be read, so that no option about
 * encryption is silently ignored
 */
export function tlsPlan(url: string): TlsPlan {
  const given = parametersOf(url);
  const unknown = [...given.keys()].find((name) => name.startsWith('ssl') && !KNOWN.has(name));
  if (unknown !== undefined) throw refused(`${unknown} is not supported`);
  const mode = modeOf(given);
  const plan = { url: withoutTls(url), isDirect: given.get('sslnegotiation') === 'direct' };
  if (mode === 'disable' || isSocket(url, given)) return { ...plan, attempts: [false] };
  const encrypted = { ...ownOptions(given), ...authority(mode, given) };
  if (mode === 'allow') return { ...plan, attempts: [false, encrypted] };
  return { ...plan, attempts: mode === 'prefer' ? [encrypted, false] : [encrypted] };
}

function isSocket(url: string, given: ReadonlyMap<string, string>): boolean {
  return given.get('host')?.startsWith('/') ?? /^[a-z]+:\/\/([^/?#]*@)?%2f/i.test(url);
}

function modeOf(given: ReadonlyMap<string, string>): Mode {
  const isSystem = given.get('sslrootcert') === SYSTEM;
  const mode = given.get('sslmode') ?? modeOfSsl(given.get('ssl')) ?? (isSystem ? 'verify-full' : 'prefer');
  if (!MODES.includes(mode as Mode)) {
    throw refused(`sslmode=${mode} is not known`, `Use one of ${MODES.join(', ')}.`);
  }
  const isWeak = mode === 'disable' || mode === 'allow' || mode === 'prefer';
  if (isSystem && mode !== 'verify-full') throw refused('sslrootcert=system needs sslmode=verify-full');
  const negotiation = given.get('sslnegotiation') ?? 'postgres';
  if (negotiation !== 'postgres' && (negotiation !== 'direct' || isWeak)) {
    throw refused(`sslnegotiation=${negotiation} needs sslmode=require, verify-ca or verify-full, or is not known`);
  }
  return mode as Mode;
}

/** Other programs write `ssl=true` for `sslmode=require`. */
function modeOfSsl(value: string | undefined): Mode | undefined {
  if (value === undefined) return undefined;
  if (value === 'true') return 'require';
  throw refused(`ssl=${value} is not known`, `Use sslmode=${MODES.join(', sslmode=')}.`);
}

/** Which certificates to trust. */
function authority(mode: Mode, given: ReadonlyMap<string, string>): ConnectionOptions {
  const isFile = given.has('sslrootcert') && given.get('sslrootcert') !== SYSTEM;
  if (mode === 'verify-full') return isFile ? fileOf('sslrootcert', given) : {};
  if (mode === 'verify-ca' && !isFile) {
    throw refused(
      'sslmode=verify-ca needs sslrootcert',
      'Name the file of the authority, or use sslmode=verify-full, which trusts the public ones.',
    );
  }
  if (mode === 'verify-ca' || (mode === 'require' && isFile)) {
    return { ...fileOf('sslrootcert', given), checkServerIdentity: () => undefined };
  }
  return { rejectUnauthorized: false };
}

function ownOptions(given: ReadonlyMap<string, string>): ConnectionOptions {
  const password = given.get('sslpassword');
  const minVersion = versionOf('ssl_min_protocol_version', given);
  const maxVersion = versionOf('ssl_max_protocol_version', given);
  return {
    ...fileOf('sslcert', given),
    ...fileOf('sslkey', given),
    ...(password === undefined ? {} : { passphrase: password }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
}

function versionOf(name: string, given: ReadonlyMap<string, string>): SecureVersion | undefined {
  const value = given.get(name);
  if (value === undefined || VERSIONS.includes(value)) return value as SecureVersion | undefined;
  throw refused(`${name}=${value} is not known`, `Use one of ${VERSIONS.join(', ')}.`);
}

function fileOf(name: keyof typeof FILES, given: ReadonlyMap<string, string>): ConnectionOptions {
  const path = given.get(name);
  if (path === undefined) return {};
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(`the file of ${name}, ${path}, cannot be read (${code ?? 'unknown failure'})`);
  }
  // given an empty or invalid file, Node would silently trust either no authority or all that it knows
  if (!text.includes('-----BEGIN ')) throw refused(`the file of ${name}, ${path}, is not in PEM format`);
  return { [FILES[name]]: text };
}

function refused(message: string, hint = 'Correct the database URL, or the PGSSL… variables of the environment.') {
  return new StoreError('STORE_CONFIG', `TLS settings of the database: ${message}.`, { hint });
}

function parametersOf(url: string): Map<string, string> {
  const at = url.indexOf('?');
  return new Map(at < 0 ? [] : new URLSearchParams(url.slice(at + 1).replace(/#.*$/s, '')));
}

/** Removes the TLS parameters and leaves every other character unchanged. */
function withoutTls(url: string): string {
  const at = url.indexOf('?');
  if (at < 0) return url;
  const kept = url
    .slice(at + 1)
    .split('&')
    .filter((part) => {
      const name = decodeURIComponent(part.split('=')[0]);
      return name !== 'uselibpqcompat' && !name.startsWith('ssl');
    });
  return kept.length === 0 ? url.slice(0, at) : `${url.slice(0, at)}?${kept.join('&')}`;
}
