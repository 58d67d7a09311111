import pg from 'pg';

/** A session that nobody uses at the moment. */
interface Resting {
  readonly client: pg.Client;
  end(): Promise<void>;
}

/** What a client of the driver knows of itself, and its types do not say. */
interface Inside {
  readonly readyForQuery: boolean;
  ref(): void;
  unref(): void;
  connect(callback: (error: Error | null, client: pg.Client) => void): void;
  end(callback?: () => void): void;
}

/** More than a run with its lock and a test beside it leave behind, and few for a server that refuses the hundredth. */
const MOST_RESTING = 4;

/** The sessions of a database that nobody uses, and those that are being left: a pool does not wait for it. */
interface Kept {
  readonly resting: Resting[];
  readonly left: Set<Promise<void>>;
}

const databases = new Map<string, Kept>();
let isPatched = false;

/**
 * From now on, sessions of a database on a server outlive the pools of this process that opened them, as behind a pooler: the next
 * pool gets one of them. A new one costs a twentieth of a second of the processor, and as much again until it knows the tables. Who
 * closes a pool leaves no transaction, lock, setting or temporary table behind.
 * For databases where neither opening nor closing is the point, and only without encryption (`sslmode=disable`): a pool that tries
 * both ways has to be told the same each time.
 */
export function keepSessions(url: string): void {
  const name = nameOf(url);
  if (!databases.has(name)) databases.set(name, { resting: [], left: new Set() });
  if (!isPatched) keepAtEnd();
}

function keepAtEnd(): void {
  isPatched = true;
  const { Pool } = pg;
  class KeepingPool extends Pool {
    constructor(config: pg.PoolConfig = {}) {
      const name = nameOf(config.connectionString as string);
      super(
        config.ssl === false && databases.has(name)
          ? { ...config, Client: keeping(name, config.Client ?? pg.Client) }
          : config,
      );
    }
  }
  Object.assign(pg, { Pool: KeepingPool });
}

/** Ends the sessions of a database that nobody uses: before it is copied, and where the next are to be new. */
export async function endSessions(url: string): Promise<void> {
  const kept = databases.get(nameOf(url));
  if (kept === undefined) return;
  await Promise.all(kept.left);
  await Promise.all(kept.resting.splice(0).map((session) => session.end()));
}

/** Who connects to what, and how: a wrong password gets no session of a right one. */
function nameOf(url: string): string {
  const { username, password, host, pathname } = new URL(url);
  return `${username}:${password}@${host}${pathname}`;
}

/** A class of clients, the next of which may be one that was made before. */
function keeping(name: string, Client: new (config: pg.ClientConfig) => pg.ClientBase): typeof pg.Client {
  return new Proxy(Client, {
    construct(target, [config]: [pg.ClientConfig]) {
      const session = databases.get(name)?.resting.pop();
      if (session === undefined) return restingAtEnd(name, Reflect.construct(target, [config]) as pg.Client);
      const { client } = session;
      const own = client as unknown as Inside;
      client.removeAllListeners();
      client.on('error', () => undefined);
      own.ref();
      own.connect = (callback) => {
        const set = `SET application_name TO ${pg.escapeLiteral(config.application_name ?? '')}`;
        client.query(set, (error: Error | null) => callback(error, client));
      };
      return client;
    },
  }) as unknown as typeof pg.Client;
}

function restingAtEnd(name: string, client: pg.Client): pg.Client {
  const own = client as unknown as Inside;
  const end = own.end.bind(own);
  const session: Resting = { client, end: () => new Promise((resolve) => end(resolve)) };
  own.end = (callback) => {
    const { resting, left } = databases.get(name) as Kept;
    const isWhole = own.readyForQuery && client.getTransactionStatus() === 'I';
    if (!isWhole || resting.length >= MOST_RESTING) return end(callback);
    const leaving = new Promise<void>((resolve) => {
      client.query('DISCARD ALL', (error: Error | null) => {
        if (error === null) rest(resting, session);
        resolve();
        if (error === null) callback?.();
        else end(callback);
      });
    });
    left.add(leaving);
    void leaving.then(() => left.delete(leaving));
  };
  return client;
}

function rest(all: Resting[], session: Resting): void {
  const { client } = session;
  client.removeAllListeners();
  for (const event of ['error', 'end']) client.on(event as 'end', () => forget(all, session));
  (client as unknown as Inside).unref();
  all.push(session);
}

function forget(all: Resting[], session: Resting): void {
  const at = all.indexOf(session);
  if (at >= 0) all.splice(at, 1);
}
