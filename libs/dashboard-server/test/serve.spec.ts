import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leaseDatabase } from '../src/database-lease.ts';
import { serveDashboard, type Served, type ServeSettings } from '../src/serve.ts';
import { createTestDatabase, type TestDatabase } from '../../pipeline/test/test-database.ts';

const TOKEN = 'a-secret-of-more-than-16';

/** A request as it goes over the wire: with any Host. */
function raw(
  port: number,
  target: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<[number, Record<string, unknown>]> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target, method, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve([answer.statusCode ?? 0, answer.headers]));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
    // the end is noticed by those who read
    socket.resume();
  });
}

/** Asks, and reads nothing of the answer. */
async function unread(port: number, target: string): Promise<Socket> {
  const socket = await connected(port);
  socket.pause();
  socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  return socket;
}

describe('the server on its port', () => {
  let test: TestDatabase;
  let pageDir: string;
  let settings: ServeSettings;

  beforeAll(async () => {
    test = await createTestDatabase('pglite');
    pageDir = await mkdtemp(path.join(tmpdir(), 'ta-page-'));
    await mkdir(path.join(pageDir, 'assets'));
    await writeFile(path.join(pageDir, 'index.html'), '<!doctype html><title>x</title>');
    await writeFile(path.join(pageDir, 'assets/a.js'), '1');
    await writeFile(path.join(pageDir, 'secret.env'), 'x');
    settings = {
      ...{ pageDir, host: '127.0.0.1', port: 0, token: null, target: 'test', now: () => 0, maxAgeHours: 48 },
      access: leaseDatabase(async () => ({ database: test.database, close: async () => undefined }), null),
    };
  });
  afterAll(async () => {
    await rm(pageDir, { recursive: true, force: true });
    await test.drop();
  });

  const serving = async (change: Partial<ServeSettings>, check: (served: Served) => Promise<void>): Promise<void> => {
    const served = await serveDashboard({ ...settings, ...change });
    try {
      await check(served);
    } finally {
      await served.close();
    }
  };

  it('serves the built page and the answers to its own name, and to no other', () =>
    serving({}, async ({ port, url }) => {
      expect(url).toBe(`http://127.0.0.1:${port}/`);
      const own = { host: `127.0.0.1:${port}` };
      expect((await raw(port, '/', own))[0]).toBe(200);
      expect((await raw(port, '/', own, 'HEAD'))[0]).toBe(200);
      expect((await raw(port, '/assets/a.js', own))[1]['content-type']).toBe('text/javascript; charset=utf-8');
      expect((await raw(port, '/api/runs', own))[0]).toBe(200);
      expect((await raw(port, '/', { host: 'evil.example' }))[0]).toBe(403);
      expect((await raw(port, '/api/runs', { host: `evil.example:${port}` }))[0]).toBe(403);
      expect((await raw(port, '/api/runs', { ...own, origin: 'http://evil.example' }))[0]).toBe(403);
      expect((await raw(port, '/api/runs', own, 'POST'))[0]).toBe(405);
      for (const target of ['/secret.env', '/../package.json', '/assets/..%2f..%2fpackage.json', '/assets/', '//']) {
        expect([target, (await raw(port, target, own))[0]]).toStrictEqual([target, 404]);
      }
    }));

  it('what a hash names may be kept by the browser; nothing else may', () =>
    serving({}, async ({ port }) => {
      const own = { host: `127.0.0.1:${port}` };
      const kept = async (target: string, headers = own) => (await raw(port, target, headers))[1]['cache-control'];
      expect(await kept('/assets/a.js')).toBe('private, max-age=31536000, immutable');
      for (const target of ['/', '/index.html', '/api/runs', '/api/nothing', '/assets/missing.js']) {
        expect([target, await kept(target)]).toStrictEqual([target, 'no-store']);
      }
      expect(await kept('/assets/a.js', { host: 'evil.example' })).toBe('no-store');
    }));

  it('refuses other machines without a token, and lets them in with one', async () => {
    await expect(serveDashboard({ ...settings, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'DASH_NEEDS_TOKEN' });
    await serving({ host: '0.0.0.0', token: TOKEN }, async ({ port }) => {
      const host = `box.example:${port}`;
      expect((await raw(port, '/', { host }))[0]).toBe(401);
      expect((await raw(port, '/?token=wrong-wrong-wrong-wrong', { host }))[0]).toBe(401);
      const [status, headers] = await raw(port, `/?token=${TOKEN}`, { host });
      expect([status, headers['location']]).toStrictEqual([303, '/']);
      const cookie = String(headers['set-cookie']);
      expect(cookie).toContain('HttpOnly');
      expect(cookie).not.toContain(TOKEN);
      expect((await raw(port, '/api/runs', { host, cookie: `ta_ui=${TOKEN}` }))[0]).toBe(401);
      expect(cookie).toContain('SameSite=Strict');
      expect((await raw(port, '/api/runs', { host, cookie: cookie.split(';')[0] as string }))[0]).toBe(200);
    });
  });

  it('an answer counts until it is read: those who do not read take the places of a few, not memory', async () => {
    const bytes = 'x'.repeat(4_000_000);
    await writeFile(path.join(pageDir, 'assets/large.txt'), bytes);
    await serving({}, async ({ port }) => {
      const own = { host: `127.0.0.1:${port}` };
      const idle = await Promise.all(Array.from({ length: 20 }, () => unread(port, '/assets/large.txt')));
      await expect.poll(async () => (await raw(port, '/', own))[0]).toBe(503);
      for (const socket of idle) socket.destroy();
      await expect.poll(async () => (await raw(port, '/', own))[0]).toBe(200);
    });
  });

  it('has so many connections, and closes more', () =>
    serving({}, async ({ port }) => {
      const sockets = await Promise.all(Array.from({ length: 80 }, () => connected(port)));
      await expect.poll(() => sockets.filter((socket) => socket.destroyed).length).toBe(16);
      for (const socket of sockets) socket.destroy();
      const own = { host: `127.0.0.1:${port}` };
      await expect
        .poll(() =>
          raw(port, '/', own).then(
            ([status]) => status,
            () => 0,
          ),
        )
        .toBe(200);
    }));

  it('says what is wrong with a port that is taken and a page that is not built', () =>
    serving({}, async ({ port }) => {
      await expect(serveDashboard({ ...settings, port })).rejects.toMatchObject({ code: 'DASH_PORT_IN_USE' });
      const missing = serveDashboard({ ...settings, pageDir: path.join(pageDir, 'nowhere') });
      await expect(missing).rejects.toMatchObject({ code: 'DASH_NO_PAGE' });
    }));
});
