import { quoteLiteral, type Database, type Session } from '@ta/state-store';
import type { AssetFacts } from './assets.ts';
import type { Found } from './finding.ts';

/** Where the tasks of a validation may run. */
export interface AssetWorkplace {
  readonly database: Database;
  /** The session of the validation's own transaction. */
  readonly session: Session;
  /** Name under which other transactions see the same data; null where there is one connection only. */
  readonly snapshot: string | null;
  readonly concurrency: number;
  /** Done first in each further transaction. */
  enter(session: Session): Promise<void>;
}

type Task = (session: Session, asset: AssetFacts) => Promise<readonly Found[]>;

/** Makes the snapshot of a transaction available to others; null where no other connection is used. */
export async function exportSnapshot(session: Session, concurrency: number): Promise<string | null> {
  if (session.engine === 'pglite' || concurrency <= 1) return null;
  const [row] = await session.query<{ name: string }>('SELECT pg_export_snapshot() AS name');
  return row.name;
}

/** Runs the task for each asset and yields the findings in the order of the assets, whichever task finishes first. */
export async function* acrossAssets(
  place: AssetWorkplace,
  assets: readonly AssetFacts[],
  task: Task,
): AsyncGenerator<Found> {
  const workers = Math.min(place.concurrency, assets.length);
  if (place.snapshot === null || workers <= 1) {
    for (const asset of assets) yield* await task(place.session, asset);
    return;
  }
  const outcomes: (Deferred<readonly Found[]> | undefined)[] = assets.map(() => deferred<readonly Found[]>());
  const queue = assets.entries();
  const work = async (session: Session) => {
    for (const [index, asset] of queue) outcomes[index]?.resolve(await task(session, asset));
  };
  const running = Promise.all(Array.from({ length: workers }, () => inSnapshot(place, work))).catch((error: unknown) =>
    outcomes.forEach((outcome) => outcome?.reject(error)),
  );
  for (let index = 0; index < assets.length; index++) {
    yield* await (outcomes[index] as Deferred<readonly Found[]>).promise;
    outcomes[index] = undefined;
  }
  await running;
}

function inSnapshot(place: AssetWorkplace, work: (session: Session) => Promise<void>): Promise<void> {
  return place.database.transaction(
    async (tx) => {
      await tx.run(`SET TRANSACTION SNAPSHOT ${quoteLiteral(place.snapshot as string)}`);
      await place.enter(tx);
      await work(tx);
    },
    { readOnly: true, isolation: 'repeatable read' },
  );
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // a failure is thrown where the result is awaited; until then Node must not report it as unhandled
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
