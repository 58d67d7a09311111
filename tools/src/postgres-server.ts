import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { findPostgres } from './postgres-binaries.ts';
import { serverUser, temporaryRoot, type ServerUser } from './server-user.ts';

const run = promisify(execFile);

/** Options of {@link startPostgres}. */
export interface PostgresServerOptions {
  /** Server settings (`fsync: 'off'`). The others have the server's defaults, with max_connections 100. */
  settings?: Record<string, string | number>;
  /** Texts of files in the data directory by name (`pg_hba.conf`, `server.key`), which only the server can read. */
  files?: Record<string, string>;
  /** The superuser. Default `ta` with a random password; passwords are checked (scram-sha-256). */
  user?: string;
  password?: string;
  /** Directory with `postgres` and `initdb`; if not given, an installation is searched for. */
  binDir?: string;
  /**
   * Data directory of a server that was shut down. The new server begins with a copy of it, and `user` and `password` must be
   * those of the other server.
   */
  copyOf?: string;
  /** Makes a {@link PostgresServer.template}; not for servers that begin with a copy. */
  isTemplate?: boolean;
  /** URL of the primary that this server follows as a hot standby; `copyOf` must hold a copy of the primary's data. */
  standbyOf?: string;
  /** Limit for the start. Default 60,000 ms. */
  startTimeoutMs?: number;
}

/** An initialised data directory, and its programs. Copying it takes a fraction of the time of initialising another one. */
interface Template {
  readonly dataDir: string;
  readonly password: string;
  readonly binDir: string;
  readonly version: string;
}

/** Template of the servers that this process and its children start, as JSON; `with-postgres` sets it for its command. */
const TEMPLATE = 'TA_POSTGRES_TEMPLATE';

/**
 * How a server ends: `fast` ends the sessions and shuts down in order, `immediate` leaves the disk as after a crash,
 * `crash` kills the main process with SIGKILL.
 */
export type KillMode = 'fast' | 'immediate' | 'crash';

/** A throw-away server on the loopback interface. */
export interface PostgresServer {
  /** URL of the superuser and the database `postgres`. */
  readonly url: string;
  readonly dataDir: string;
  readonly port: number;
  /** `18.4`. */
  readonly version: string;
  /** Value of `TA_POSTGRES_TEMPLATE` with which other processes start copies; valid until this server is stopped. */
  readonly template: string | undefined;
  /** Shuts down and deletes everything; calling it again does nothing. */
  stop(): Promise<void>;
  /** Ends the server and keeps its files. */
  kill(mode: KillMode): Promise<void>;
  /** Starts again on the same files and port after {@link kill}. */
  restart(): Promise<void>;
}

const SIGNALS: Record<KillMode, NodeJS.Signals> = { fast: 'SIGINT', immediate: 'SIGQUIT', crash: 'SIGKILL' };

/**
 * Waits for the end of its input, which comes when this process ends, in whatever way. Then it ends the server and deletes its
 * files. The only process that it signals is the one in the server's own pid file.
 */
const JANITOR = `
trap '' INT TERM HUP
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null; then
  n=0
  while kill -0 "$pid" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
fi
rm -rf "$1"
`;

/**
 * Starts a throw-away PostgreSQL on a free port of 127.0.0.1, with its files in a temporary directory. As root the
 * server runs under another account. The files are deleted by `stop()`, and also when this process is killed.
 * @throws Error when no PostgreSQL 15 to 18 is found or it does not start (with the end of its log)
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const owner = serverUser();
  const home = await mkdtemp(join(temporaryRoot(owner), 'ta-postgres-'));
  const janitor = spawn('sh', ['-c', JANITOR, 'janitor', home], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  janitor.unref();
  (janitor.stdin as Socket).unref();
  const server = new ThrowAwayServer(home, owner, options, janitor);
  try {
    await server.prepare();
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class ThrowAwayServer implements PostgresServer {
  readonly dataDir: string;
  version = '';
  port = 0;
  private readonly home: string;
  private readonly owner: ServerUser | null;
  private readonly options: PostgresServerOptions;
  private readonly janitor: ChildProcess;
  private readonly user: string;
  private readonly password: string;
  /** The template that this server is a copy of. */
  private readonly original: Template | null;
  template: string | undefined;
  private binDir = '';
  private child: ChildProcess | null = null;
  private exited: Promise<void> = Promise.resolve();
  private stopping: Promise<void> | null = null;

  constructor(home: string, owner: ServerUser | null, options: PostgresServerOptions, janitor: ChildProcess) {
    this.home = home;
    this.dataDir = join(home, 'data');
    this.owner = owner;
    this.options = options;
    this.janitor = janitor;
    this.original = originalFor(options);
    this.user = options.user ?? 'ta';
    this.password = options.password ?? this.original?.password ?? randomBytes(12).toString('hex');
  }

  get url(): string {
    const login = `${encodeURIComponent(this.user)}:${encodeURIComponent(this.password)}`;
    return `postgresql://${login}@127.0.0.1:${this.port}/postgres`;
  }

  async prepare(): Promise<void> {
    await this.owner?.own(this.home);
    const { original, options } = this;
    ({ binDir: this.binDir, version: this.version } =
      original ?? (await findPostgres(this.home, this.owner, options.binDir)));
    const copyOf = options.copyOf ?? original?.dataDir;
    await (copyOf === undefined ? this.initialise() : this.takeCopy(copyOf));
    if (options.isTemplate && original === null) await this.keepTemplate();
    for (const [name, text] of Object.entries(this.options.files ?? {})) {
      await writeFile(join(this.dataDir, name), text, { mode: 0o600 });
    }
    await this.owner?.own(this.dataDir);
  }

  private async initialise(): Promise<void> {
    const passwordFile = join(this.home, 'password');
    await writeFile(passwordFile, this.password, { mode: 0o600 });
    await this.owner?.own(this.home);
    const login = ['--username', this.user, '--auth', 'scram-sha-256', '--pwfile', passwordFile];
    const make = ['--pgdata', this.dataDir, '--encoding', 'UTF8', '--locale', 'C', '--no-sync', ...login];
    await run(join(this.binDir, 'initdb'), make, this.processOptions());
    await rm(passwordFile);
  }

  private async keepTemplate(): Promise<void> {
    const { password, binDir, version } = this;
    const dataDir = join(this.home, 'template');
    cpSync(this.dataDir, dataDir, { recursive: true });
    this.template = JSON.stringify({ dataDir, password, binDir, version } satisfies Template);
  }

  private async takeCopy(dataDir: string): Promise<void> {
    // thousands of small files: the synchronous copy takes a fifth of the time of the asynchronous one
    cpSync(dataDir, this.dataDir, { recursive: true, filter: (file) => !file.endsWith('postmaster.pid') });
    const { standbyOf } = this.options;
    if (standbyOf === undefined) return;
    await writeFile(join(this.dataDir, 'standby.signal'), '');
    // if a setting occurs more than once in the file, the last line applies
    const follow = `\nprimary_conninfo = '${standbyOf.replaceAll("'", "''")}'\n`;
    await writeFile(join(this.dataDir, 'postgresql.auto.conf'), follow, { flag: 'a' });
  }

  async start(): Promise<void> {
    const deadlineMs = Date.now() + (this.options.startTimeoutMs ?? 60_000);
    for (let attempt = 1; ; attempt++) {
      // another program may take the free port first
      const isPortKept = this.child !== null;
      if (!isPortKept) this.port = await freePort();
      await this.spawnServer();
      if (await this.isReady(deadlineMs)) return;
      await this.end('immediate');
      const log = (await readFile(join(this.home, 'log'), 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
      const isTaken = /could not bind|Address already in use|pre-existing shared memory|postmaster\.pid/.test(log);
      if (!isTaken || attempt === 5 || Date.now() > deadlineMs) {
        throw new Error(`PostgreSQL ${this.version} did not start:\n${log}`);
      }
      if (!isPortKept) this.child = null;
      await sleep(500);
    }
  }

  restart(): Promise<void> {
    return this.start();
  }

  async kill(mode: KillMode): Promise<void> {
    await this.end(mode);
  }

  stop(): Promise<void> {
    this.stopping ??= this.end('fast').then(async () => {
      await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
      this.janitor.stdin?.end();
    });
    return this.stopping;
  }

  private async spawnServer(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '', // a temporary path may be too long for a socket
      max_connections: 100,
      ...this.options.settings,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = await open(join(this.home, 'log'), 'w');
    try {
      const child = spawn(join(this.binDir, 'postgres'), ['-D', this.dataDir, '-p', String(this.port), ...flags], {
        ...this.processOptions(),
        detached: true, // Ctrl-C must end the tests, not the server, which is needed a moment longer
        stdio: ['ignore', log.fd, log.fd],
      });
      this.child = child;
      this.exited = new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.once('error', () => resolve());
      });
      child.unref();
    } finally {
      await log.close();
    }
  }

  /** The eighth line of the pid file says `ready` once connections are accepted. */
  private async isReady(deadlineMs: number): Promise<boolean> {
    const child = this.child;
    while (child !== null && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const [pid, , , , , , , status = ''] = await readFile(join(this.dataDir, 'postmaster.pid'), 'utf8').then(
        (text) => text.split('\n'),
        () => [''],
      );
      if (Number(pid) === child.pid && status.trim() === 'ready') return true;
      if (Date.now() > deadlineMs) return false;
      await sleep(25);
    }
    return false;
  }

  private async end(mode: KillMode): Promise<void> {
    const { child } = this;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.ref(); // else the process could end before the server does
    child.kill(SIGNALS[mode]);
    const isGone = await Promise.race([this.exited.then(() => true), sleep(20_000, false, { ref: false })]);
    if (!isGone) {
      child.kill('SIGKILL');
      await this.exited;
    }
  }

  private processOptions() {
    // our own environment is not passed on: PG* variables, LANG and TZ would change the server
    return { cwd: this.home, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }, ...this.owner?.ids };
  }
}

/** The template from the environment, unless the server's options ask for data, a login or programs of their own. */
function originalFor({ copyOf, user, password, binDir }: PostgresServerOptions): Template | null {
  const told = process.env[TEMPLATE] ?? '';
  if (told === '' || [copyOf, user, password, binDir].some((own) => own !== undefined)) return null;
  return JSON.parse(told) as Template;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
