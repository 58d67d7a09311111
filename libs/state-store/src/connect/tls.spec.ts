import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { StoreError } from '../errors.ts';
import { tlsPlan, withTlsOfEnvironment } from './tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'ta-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text = `-----BEGIN ${name}-----\n`): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const ca = file('ca.pem');

/** What each attempt is: without encryption, with whoever answers, or who is believed. */
const plan = (query: string) =>
  tlsPlan(`postgresql://h/d${query}`).attempts.map((attempt) => {
    if (attempt === false) return 'plain';
    if (attempt.rejectUnauthorized === false) return 'anybody';
    return `${attempt.ca === undefined ? 'public authority' : 'own authority'}${attempt.checkServerIdentity === undefined ? ', host' : ''}`;
  });

describe('tlsPlan', () => {
  it.each([
    ['', ['anybody', 'plain']],
    ['?sslmode=disable', ['plain']],
    ['?sslmode=allow', ['plain', 'anybody']],
    ['?sslmode=prefer', ['anybody', 'plain']],
    ['?sslmode=require', ['anybody']],
    ['?ssl=true', ['anybody']],
    [`?sslmode=require&sslrootcert=${ca}`, ['own authority']],
    [`?sslmode=verify-ca&sslrootcert=${ca}`, ['own authority']],
    [`?sslmode=verify-full&sslrootcert=${ca}`, ['own authority, host']],
    ['?sslmode=verify-full', ['public authority, host']],
    ['?sslrootcert=system', ['public authority, host']],
    ['?host=/run/postgresql&sslmode=verify-full', ['plain']],
  ])('reads %s as libpq does', (query, attempts) => {
    expect(plan(query)).toEqual(attempts);
  });

  it('never encrypts a socket that the URL names as its host', () => {
    expect(tlsPlan('postgresql://u:p@%2Frun%2Fpg/d?sslmode=require').attempts).toEqual([false]);
  });

  it('gives the driver the URL without what it reads itself, and nothing else changed', () => {
    const url = (query: string) => tlsPlan(`postgresql://u:p%40ss@h:1/d${query}`).url;
    expect(url('')).toBe('postgresql://u:p%40ss@h:1/d');
    expect(url('?sslmode=require')).toBe('postgresql://u:p%40ss@h:1/d');
    expect(url(`?a=%20b&sslmode=verify-ca&sslrootcert=${ca}&uselibpqcompat=true&c=d`)).toBe(
      'postgresql://u:p%40ss@h:1/d?a=%20b&c=d',
    );
    const direct = tlsPlan('postgresql://h/d?sslmode=require&sslnegotiation=direct');
    expect([direct.url, direct.isDirect]).toEqual(['postgresql://h/d', true]);
  });

  it('passes certificate, key, its password and the versions on', () => {
    const [cert, key] = [file('own.crt'), file('own.key')];
    const query = `?sslmode=require&sslcert=${cert}&sslkey=${key}&sslpassword=p%26w&ssl_min_protocol_version=TLSv1.3`;
    expect(tlsPlan(`postgresql://h/d${query}`).attempts[0]).toMatchObject({
      cert: Buffer.from('-----BEGIN own.crt-----\n'),
      key: Buffer.from('-----BEGIN own.key-----\n'),
      passphrase: 'p&w',
      minVersion: 'TLSv1.3',
    });
  });

  it.each([
    ['?sslmode=verify_full', /sslmode=verify_full is not known/],
    ['?sslmode=', /sslmode= is not known/],
    ['?sslmode=no-verify', /sslmode=no-verify is not known/],
    ['?ssl=1', /ssl=1 is not known/],
    ['?sslmode=verify-full&sslcrl=/x', /sslcrl is not supported/],
    ['?sslmode=verify-ca', /verify-ca needs sslrootcert/],
    ['?sslmode=require&sslrootcert=system', /sslrootcert=system needs sslmode=verify-full/],
    ['?sslnegotiation=direct', /sslnegotiation=direct needs sslmode=require/],
    ['?sslmode=require&sslnegotiation=quick', /sslnegotiation=quick .* not known/],
    ['?ssl_min_protocol_version=SSLv3', /ssl_min_protocol_version=SSLv3 is not known/],
    ['?sslmode=verify-full&sslrootcert=/nowhere/ca.pem', /sslrootcert, \/nowhere\/ca\.pem, cannot be read \(ENOENT\)/],
    [`?sslmode=require&sslkey=${file('text', 'hush')}`, /sslkey, .*text, is not in PEM format/],
  ])('refuses %s and says why', (query, message) => {
    const refusal = (() => {
      try {
        return tlsPlan(`postgresql://u:hush@h/d${query}`);
      } catch (error) {
        return error as StoreError;
      }
    })();
    expect(refusal).toBeInstanceOf(StoreError);
    expect(refusal).toMatchObject({
      code: 'STORE_CONFIG',
      message: expect.stringMatching(message) as string,
      hint: expect.any(String) as string,
    });
    expect((refusal as StoreError).message).not.toContain('hush');
  });
});

describe('withTlsOfEnvironment', () => {
  it('completes a URL and changes nothing that it says', () => {
    const env = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/a b/ca.pem', PGSSLKEY: '' };
    expect(withTlsOfEnvironment('postgresql://h/d', env)).toBe(
      'postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fa%20b%2Fca.pem',
    );
    expect(withTlsOfEnvironment('postgresql://h/d?sslmode=disable&x=1', env)).toBe(
      'postgresql://h/d?sslmode=disable&x=1&sslrootcert=%2Fa%20b%2Fca.pem',
    );
    expect(withTlsOfEnvironment('postgresql://h/d?ssl=true', env)).toBe('postgresql://h/d?ssl=true');
    expect(withTlsOfEnvironment('postgresql://h/d', {})).toBe('postgresql://h/d');
  });
});
