import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { syntheticAssets, syntheticPrices } from '@ta/price-import';
import { openDatabase, saveAsset, upsertSourceRows } from '@ta/state-store';
import { startPostgres, type PostgresServer } from '@ta/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCatalogue } from '../../../libs/pipeline/test/test-database.ts';
import { runCommandLine as runValidator } from '../../validator/src/command-line.ts';
import { runInside } from './kit/run-inside.ts';
import { AS_OF_MS, hasPostgres, LAST_DAY } from './kit/world.ts';

const run = promisify(execFile);

/** Who may come in, and how. */
const PG_HBA = `
hostssl   all certified all cert
hostssl   all ta        all scram-sha-256
hostnossl all ta_plain  all scram-sha-256
`;

/** Makes a key and a certificate signed by `authority`, or by itself; needs the program openssl. */
async function certificate(folder: string, name: string, subject: string, authority?: string, san?: string) {
  const file = (extension: string, of = name) => path.join(folder, `${of}.${extension}`);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key')];
  const signedBy = authority === undefined ? [] : ['-CA', file('crt', authority), '-CAkey', file('key', authority)];
  const names = san === undefined ? [] : ['-addext', `subjectAltName=${san}`];
  const about = ['-x509', '-days', '2', '-subj', `/CN=${subject}`, ...names, ...signedBy, '-out', file('crt')];
  await run('openssl', ['req', ...key, ...about]);
}

describe.skipIf(!hasPostgres())('TLS, against a server with an authority of its own', () => {
  let folder: string;
  let server: PostgresServer;
  let password: string;
  const file = (name: string) => path.join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ta-tls-'));
    await certificate(folder, 'ca', 'authority');
    await certificate(folder, 'other-ca', 'another authority');
    // the certificate names localhost, and not 127.0.0.1
    await certificate(folder, 'server', 'localhost', 'ca', 'DNS:localhost');
    await certificate(folder, 'client', 'certified', 'ca');
    await writeFile(file('nonsense.crt'), 'no certificate');
    const read = (name: string) => readFile(file(name), 'utf8');
    server = await startPostgres({
      settings: { fsync: 'off', ssl: 'on', ssl_ca_file: 'ca.crt' },
      files: {
        'server.crt': await read('server.crt'),
        'server.key': await read('server.key'),
        'ca.crt': await read('ca.crt'),
        'pg_hba.conf': PG_HBA,
      },
    });
    ({ password } = new URL(server.url));
    await inDatabase(url('sslmode=require'), (session) =>
      session.run(`CREATE ROLE certified LOGIN SUPERUSER; CREATE ROLE ta_plain LOGIN PASSWORD '${password}'`),
    );
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function url(query: string, { host = 'localhost', user = 'ta', password: own = password } = {}): string {
    const target = new URL(server.url);
    Object.assign(target, { hostname: host, username: user, password: own, search: query });
    return target.href;
  }

  async function inDatabase<T>(
    target: string,
    work: Parameters<Awaited<ReturnType<typeof openDatabase>>['session']>[0],
  ) {
    const database = await openDatabase({ engine: 'postgres', url: target, source: 'test' });
    try {
      return (await database.session(work)) as T;
    } finally {
      await database.close();
    }
  }

  const isEncrypted = async (target: string) => {
    const answer = await inDatabase<{ ssl: boolean }[]>(target, (session) =>
      session.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'),
    );
    return answer[0].ssl;
  };

  const ta = (target: string, ...argv: string[]) =>
    runInside(argv, { root: folder, env: { DATABASE_URL: target }, nowMs: AS_OF_MS });

  it.each([
    ['', 'localhost'],
    ['sslmode=allow', 'localhost'],
    ['sslmode=prefer', '127.0.0.1'],
    ['sslmode=require', '127.0.0.1'],
    ['sslmode=require&sslrootcert=CA', '127.0.0.1'],
    ['sslmode=verify-ca&sslrootcert=CA', 'localhost'],
    ['sslmode=verify-ca&sslrootcert=CA', '127.0.0.1'],
    ['sslmode=verify-full&sslrootcert=CA', 'localhost'],
    ['sslmode=verify-full&sslrootcert=CA&ssl_min_protocol_version=TLSv1.3', 'localhost'],
    ['sslmode=verify-full&sslnegotiation=direct&sslrootcert=CA', 'localhost'],
  ])('connects encrypted with “%s” to %s', async (query, host) => {
    expect(await isEncrypted(url(query.replace('CA', file('ca.crt')), { host }))).toBe(true);
  });

  it('connects without encryption where the server wants it so and the URL allows it', async () => {
    for (const query of ['', 'sslmode=prefer', 'sslmode=allow', 'sslmode=disable']) {
      expect(await isEncrypted(url(query, { user: 'ta_plain' }))).toBe(false);
    }
  });

  it('shows its own certificate instead of a password', async () => {
    const own = `sslcert=${file('client.crt')}&sslkey=${file('client.key')}`;
    const target = url(`sslmode=verify-full&sslrootcert=${file('ca.crt')}&${own}`, { user: 'certified', password: '' });
    expect(await isEncrypted(target)).toBe(true);
    const { code, stderr } = await ta(url('sslmode=require', { user: 'certified', password: '' }), 'db', 'status');
    expect([code, stderr]).toEqual([4, expect.stringMatching(/certificate/)]);
  });

  it.each([
    ['another authority', 'sslmode=verify-full&sslrootcert=OTHER', 'localhost', 'ta', /certificate/],
    ['another authority, weaker', 'sslmode=verify-ca&sslrootcert=OTHER', 'localhost', 'ta', /certificate/],
    ['another authority, as libpq does it', 'sslmode=require&sslrootcert=OTHER', 'localhost', 'ta', /certificate/],
    ['no authority, which means the public ones', 'sslmode=verify-full', 'localhost', 'ta', /certificate/],
    [
      'another host than the certificate’s',
      'sslmode=verify-full&sslrootcert=CA',
      '127.0.0.1',
      'ta',
      /IP: 127\.0\.0\.1/,
    ],
    [
      'a file that is not there',
      'sslmode=verify-full&sslrootcert=GONE',
      'localhost',
      'ta',
      /gone\.crt, cannot be read/,
    ],
    ['a file without certificate', 'sslmode=verify-ca&sslrootcert=NONSENSE', 'localhost', 'ta', /not in PEM format/],
    ['disable, where encryption is demanded', 'sslmode=disable', 'localhost', 'ta', /no encryption[^]*use sslmode=/],
    ['require, where encryption is refused', 'sslmode=require', 'localhost', 'ta_plain', /SSL encryption/],
    ['a mode that is none', 'sslmode=verified', 'localhost', 'ta', /sslmode=verified is not known/],
  ])('refuses %s, with one message and exit code 4', async (_what, query, host, user, message) => {
    const files = { OTHER: 'other-ca.crt', CA: 'ca.crt', GONE: 'gone.crt', NONSENSE: 'nonsense.crt' };
    const named = query.replace(/[A-Z]{2,}$/, (name) => file(files[name as keyof typeof files]));
    const { code, stdout, stderr } = await ta(url(named, { host, user }), 'refresh', '--all');
    expect(stderr).toMatch(message);
    expect([code, stderr.match(/\[ERROR\]/g)?.length]).toEqual([4, 1]);
    expect(stdout + stderr).not.toContain(password);
    expect(stdout + stderr).not.toMatch(/BEGIN|PRIVATE|deprecat|Warning:/);
  });

  it('refreshes, validates and answers over an encrypted connection, COPY included', async () => {
    const safe = url(`sslmode=verify-full&sslrootcert=${file('ca.crt')}`);
    expect(await ta(safe, 'db', 'migrate')).toMatchObject({ code: 0 });
    const [asset] = syntheticAssets(1);
    const database = await openDatabase({ engine: 'postgres', url: safe, source: 'test' });
    await useCatalogue(database, { timeframes: ['1D', '7D', '1W_CAL_ISO'], periods: [2] });
    await database.transaction(async (session) => {
      await saveAsset(session, asset);
      await upsertSourceRows(session, syntheticPrices({ seed: 7, days: 40, lastDay: LAST_DAY, asset }));
    });
    await database.close();
    expect(await ta(safe, 'refresh', '--all', '--validate', '--fail-on-validation')).toMatchObject({ code: 0 });
    const args = ['check', '--checks', 'B01,E02', '--as-of', LAST_DAY];
    const inside = { root: folder, env: { DATABASE_URL: safe }, program: runValidator };
    expect((await runInside(args, inside)).stdout).toMatch(/Validation passed/);
  });
});
