import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase, type Database } from '@ta/state-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startPostgres, type KillMode, type PostgresServer } from './postgres-server.ts';

const workspaceRoot = dirname(dirname(import.meta.dirname));

const open = (url: string): Promise<Database> => openDatabase({ engine: 'postgres', url, source: 'test' });

async function eventually(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 1_000 && !isTrue(); i++) await sleep(100);
  expect(isTrue()).toBe(true);
}

function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  try {
    process.kill(pid, 0);
    // one that has ended keeps its number until somebody asks how it ended, which in a container may be nobody
    return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
  } catch {
    return false;
  }
}

describe('startPostgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 17 } });
  });
  afterAll(() => server?.stop());

  it('gives a superuser on 127.0.0.1, asks for the password, and takes settings', async () => {
    expect(server.url).toMatch(/^postgresql:\/\/ta:[0-9a-f]{24}@127\.0\.0\.1:\d+\/postgres$/);
    const database = await open(server.url);
    const [row] = await database.session((s) =>
      s.query(`SELECT current_setting('max_connections') n, usesuper, current_setting('listen_addresses') host
               FROM pg_user WHERE usename = current_user`),
    );
    await database.close();
    expect(row).toEqual({ n: '17', usesuper: true, host: '127.0.0.1' });
    const wrong = open(server.url.replace(/:[0-9a-f]{24}@/, ':wrong@'));
    await expect(wrong).rejects.toMatchObject({ code: 'STORE_AUTHENTICATION' });
  });

  it.each<KillMode>(['fast', 'immediate', 'crash'])(
    'keeps what was committed over kill %s and restart',
    async (mode) => {
      const { url } = server;
      const before = await open(url);
      await before.session((s) => s.run(`CREATE TABLE kept_${mode} AS SELECT 1 AS v`));
      const open_ = before.transaction(async (tx) => {
        await tx.run(`INSERT INTO kept_${mode} VALUES (2)`);
        await server.kill(mode);
        // a backend whose postmaster was killed notices it when it waits the next time
        for (;;) {
          await tx.query('SELECT 1');
          await sleep(5);
        }
      });
      await expect(open_).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
      await expect(before.session((s) => s.query('SELECT 1'))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      await server.restart();
      expect(server.url).toBe(url);
      // the same pool connects anew
      expect(await before.session((s) => s.query(`SELECT v FROM kept_${mode}`))).toEqual([{ v: 1 }]);
      await before.close();
    },
  );

  it('breaks a COPY in either direction as a lost connection when it is killed', async () => {
    const database = await open(server.url);
    const reading = database.session(async (s) => {
      const [{ pid }] = await s.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // no end in sight: a server process that never has to wait would not notice that the main process is gone
      const sql = 'COPY (SELECT generate_series(1, 2000000000)) TO STDOUT WITH (FORMAT binary)';
      let isFirst = true;
      for await (const chunk of s.copyOut(sql)) {
        if (!isFirst || chunk.length === 0) continue;
        isFirst = false;
        await server.kill('crash');
        // it waits while nobody reads
        while (isAlive(pid)) await sleep(20);
      }
    });
    await expect(reading).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
    await server.restart();
    await database.session((s) => s.run('CREATE TABLE n (v int)'));
    const writing = database.session((s) => {
      async function* endless() {
        const row = Uint8Array.of(0, 1, 0, 0, 0, 4, 0, 0, 0, 1);
        yield row;
        await server.kill('crash');
        for (;;) {
          await sleep(5);
          yield row;
        }
      }
      return s.copyIn('COPY n (v) FROM STDIN WITH (FORMAT binary)', endless());
    });
    await expect(writing).rejects.toMatchObject({ code: 'STORE_CONNECTION_LOST' });
    await server.restart();
    await database.close();
  });

  it('leaves nothing behind after stop, which may be called twice', async () => {
    const other = await startPostgres();
    const home = dirname(other.dataDir);
    expect(existsSync(home)).toBe(true);
    await other.stop();
    await other.stop();
    expect(existsSync(home)).toBe(false);
  });

  it('says what it tried when there is no PostgreSQL', async () => {
    await expect(startPostgres({ binDir: '/nowhere' })).rejects.toThrow('Tried: /nowhere (does not run)');
  });

  it('shows the log when the server does not start', async () => {
    await expect(startPostgres({ settings: { shared_buffers: 'nonsense' } })).rejects.toThrow('shared_buffers');
  });
});

describe('with-postgres', () => {
  const tool = join(workspaceRoot, 'tools', 'bin', 'with-postgres.mjs');
  const report = 'console.log(JSON.stringify([process.env.TEST_DATABASE_URL, process.env.REQUIRE_PG]))';

  function start(args: string[], env: Record<string, string> = {}) {
    const { TEST_DATABASE_URL: _given, REQUIRE_PG: _required, ...rest } = process.env;
    const child = spawn(process.execPath, [tool, ...args], {
      env: { ...rest, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
      child.once('close', (code) => resolve({ code, output }));
    });
    return { child, ended, outputSoFar: () => output };
  }

  /** A command that says where the server's files are and which process it is, then waits. */
  const wait = `
    const { Client } = require('pg');
    const client = new Client(process.env.TEST_DATABASE_URL);
    client.on('error', () => {});
    client.connect().then(async () => {
      const dir = (await client.query("SELECT current_setting('data_directory') AS dir")).rows[0].dir;
      await client.end();
      const pid = require('node:fs').readFileSync(dir + '/postmaster.pid', 'utf8').split('\\n')[0];
      console.log('READY ' + pid + ' ' + process.pid + ' ' + dir);
      setInterval(() => {}, 1000);
    });`;

  it('passes the exit code on and sets the two variables', async () => {
    const { code, output } = await start(['node', '-e', `${report}; process.exit(7)`]).ended;
    expect(code).toBe(7);
    expect(JSON.parse(output)).toEqual([expect.stringMatching(/^postgresql:\/\/ta:/), '1']);
  });

  it('has other servers begin as copies of its own, which are gone with it', async () => {
    const module = JSON.stringify(join(import.meta.dirname, 'postgres-server.ts'));
    const copies = `import(${module}).then(async ({ startPostgres }) => {
      const server = await startPostgres();
      const { dataDir } = JSON.parse(process.env.TA_POSTGRES_TEMPLATE);
      console.log(JSON.stringify([process.env.TEST_DATABASE_URL, server.url, dataDir, require('node:fs').existsSync(dataDir)]));
      await server.stop();
    })`;
    const { code, output } = await start(['node', '--import', 'tsx', '-e', copies], { TA_POSTGRES_TEMPLATE: '' }).ended;
    const [own, copy, template, isThere] = JSON.parse(output) as [string, string, string, boolean];
    expect([code, new URL(copy).password, isThere]).toEqual([0, new URL(own).password, true]);
    expect(new URL(copy).port).not.toBe(new URL(own).port);
    expect(existsSync(template)).toBe(false);
  });

  it('uses the server of TEST_DATABASE_URL when there is one', async () => {
    const { code, output } = await start(['node', '-e', report], { TEST_DATABASE_URL: 'postgresql://mine' }).ended;
    expect([code, JSON.parse(output)]).toEqual([0, ['postgresql://mine', '1']]);
  });

  it('answers 127 for a command that is not there and 2 without one', async () => {
    const env = { TEST_DATABASE_URL: 'postgresql://mine' };
    expect((await start(['ta-no-such-command'], env).ended).code).toBe(127);
    expect((await start([]).ended).code).toBe(2);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGKILL', null],
  ] as const)('ends the server and deletes its files on %s', async (signal, exitCode) => {
    const { child, ended, outputSoFar } = start(['node', '-e', wait]);
    await eventually(() => outputSoFar().includes('READY'));
    const [, pid, commandPid, dir] = /READY (\d+) (\d+) (\S+)/.exec(outputSoFar()) ?? [];
    expect(existsSync(dir)).toBe(true);
    child.kill(signal);
    if (signal === 'SIGKILL') process.kill(Number(commandPid)); // nobody else can end the command now
    else expect((await ended).code).toBe(exitCode);
    await eventually(() => !existsSync(dirname(dir)) && !isAlive(Number(pid)));
  });
});
