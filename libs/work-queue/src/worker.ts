import { setTimeout as sleep } from 'node:timers/promises';
import {
  executeItem,
  isConflict,
  isDatabaseLost,
  isServerFull,
  lostItem,
  type ItemConditions,
  type ComponentRequest,
  type ItemOutcome,
  type Notice,
  withReconnect,
} from '@ta/pipeline';
import { endWhenSilent, type Database, type Session } from '@ta/state-store';
import type PgBoss from 'pg-boss';
import { isWanted, readBoard, readRequestData, type PostedRequest } from './board.ts';
import { takeItem } from './boss.ts';
import { giveBack, lockTakenItem, reportItem } from './item-rows.ts';
import { REQUEST_FORMAT, requestOf, readableItem, readableRequest, type ItemText } from './request-text.ts';
import { outcomesText } from './outcome-text.ts';
import { connectionName, showItem, showRefusal, type WorkerName } from './worker-presence.ts';

/** The settings of a worker. */
export interface WorkerOptions {
  readonly name: WorkerName;
  /** Items processed in parallel. The database must have a connection for each, and one more. */
  readonly concurrency: number;
  /** Clock for durations, milliseconds. */
  readonly monotonicMs: () => number;
  /** Scrubs the texts that go back to the caller. */
  readonly redact: (text: string) => string;
  /** Ends the worker once it has finished its running items. */
  readonly drain: AbortSignal;
  /** Pause between two polls of an empty queue, milliseconds. Default 250. */
  readonly pollMs?: number;
  /** Waits after a lost connection, milliseconds each; the last one is repeated. */
  readonly reconnectDelaysMs?: readonly number[];
}

/** Notified of what a worker does. */
export interface WorkerObserver {
  itemFinished?(outcome: ItemOutcome): void;
  /** `ids` are those that the notice is about; empty if it is about the worker. */
  notice?(notice: Notice, ids: readonly number[]): void;
}

/** Waits after a lost connection: a worker never gives up. */
const RECONNECT_DELAYS_MS: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** The server ends a transaction whose process sends nothing for this long, since the process may be frozen. */
const FROZEN_MS = 60_000;

/**
 * Takes items from the queue and executes them until it is asked to drain. Data, state and report of an item are one transaction,
 * which also locks the item: if a worker dies before its report, nothing is stored, and another worker takes the item.
 */
export async function runWorker(database: Database, options: WorkerOptions, observer: WorkerObserver): Promise<void> {
  const worker = new Worker(database, options, observer);
  await worker.run();
}

/** A request that this worker may work for. */
interface LiveRequest {
  readonly jobId: string;
  readonly runId: string;
  readonly request: ComponentRequest;
  readonly deadlineMs: number | undefined;
  /** Aborted when the request is cancelled or closed, or its caller is gone. */
  readonly over: AbortController;
}

type TakenJob = PgBoss.JobWithMetadata<ItemText>;

/** The item does not, or no longer, belong to this worker: nothing of it is stored. */
class ClaimLost extends Error {}

class Worker {
  private live: LiveRequest | null = null;
  private isPaused = false;
  private looking: Promise<void> | null = null;
  private refused: string | null = null;

  constructor(
    private readonly database: Database,
    private readonly options: WorkerOptions,
    private readonly observer: WorkerObserver,
  ) {}

  async run(): Promise<void> {
    const { drain, concurrency } = this.options;
    const broken = new AbortController();
    const done = new AbortController();
    const enough = AbortSignal.any([drain, broken.signal]);
    const watched = AbortSignal.any([done.signal, broken.signal]);
    const unlessBroken = (work: Promise<void>) =>
      work.catch((error: unknown) => {
        broken.abort();
        throw error;
      });
    // settled at once: it may fail long before the running items have ended
    const watching = Promise.allSettled([unlessBroken(this.until(watched, () => this.look().then(() => false)))]);
    const slots = Array.from({ length: concurrency }, () => unlessBroken(this.until(enough, () => this.takeOne())));
    const worked = await Promise.allSettled(slots);
    done.abort();
    const ends = [...worked, ...(await watching)];
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /**
   * Repeats a piece of work; pauses when there was none, and longer and longer while the database cannot be reached.
   *
   * @throws errors that waiting does not cure
   */
  private async until(signal: AbortSignal, work: () => Promise<boolean>): Promise<void> {
    const { pollMs = 250, reconnectDelaysMs = RECONNECT_DELAYS_MS } = this.options;
    let failures = 0;
    while (!signal.aborted) {
      let pauseMs = 0;
      try {
        pauseMs = (await work()) ? 0 : pollMs;
        failures = 0;
      } catch (error) {
        pauseMs = reconnectDelaysMs[Math.min(failures, reconnectDelaysMs.length - 1)] ?? pollMs;
        failures++;
        this.observer.notice?.(setback(error, pauseMs), []);
      }
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Looks up which request is active, if any. Concurrent calls share one query. */
  private look(): Promise<void> {
    return (this.looking ??= this.lookNow().finally(() => (this.looking = null)));
  }

  private async lookNow(): Promise<void> {
    await this.database.session(async (session) => {
      await endWhenSilent(session);
      const board = await readBoard(session);
      this.isPaused = board.isPaused;
      const wanted = board.requests.find(({ isCancelled, isCallerAlive }) => !isCancelled && isCallerAlive);
      if (wanted?.jobId === this.live?.jobId) return;
      this.live?.over.abort(new ClaimLost('the run is over'));
      this.live = wanted === undefined ? null : await this.accept(session, wanted);
    });
  }

  private async accept(session: Session, posted: PostedRequest): Promise<LiveRequest | null> {
    const { jobId, runId, format, ageMs } = posted;
    const data = await readRequestData(session, jobId);
    if (data === undefined) return null;
    const text = readableRequest(data);
    if (text === null) {
      await this.refuse(session, posted, `format ${format}, here ${REQUEST_FORMAT}`);
      return null;
    }
    const leftMs = text.limitMs === null ? undefined : text.limitMs - ageMs;
    const deadlineMs = leftMs === undefined ? undefined : this.options.monotonicMs() + leftMs;
    return { jobId, runId, request: requestOf(text), deadlineMs, over: new AbortController() };
  }

  /** Reports to the operator of the worker once, and to the caller as long as its request is there. */
  private async refuse(session: Session, { jobId, runId }: PostedRequest, why: string): Promise<void> {
    await showRefusal(session, this.options.name, jobId);
    if (this.refused === jobId) return;
    this.refused = jobId;
    const text = `Run ${runId} was started by another version of this program (${why}): no item is taken`;
    this.observer.notice?.({ level: 'error', event: 'request_refused', text }, []);
  }

  /** @returns false when there was nothing to take */
  private async takeOne(): Promise<boolean> {
    if (this.live === null || this.isPaused) return false;
    const job = await this.database.session((session) => takeItem<ItemText>(session));
    if (job === null) return false;
    const item = readableItem(job.data);
    if (item === null) {
      const text = `Row ${job.id} of the queue cannot be read by this version: skipped`;
      this.observer.notice?.({ level: 'warning', event: 'strange_row', text }, []);
      return true;
    }
    if (item.order !== this.live?.jobId) await this.look();
    const live = this.live;
    // the next run removes the items of a run that is over
    if (live === null || item.order !== live.jobId) return true;
    await this.execute(live, job);
    return true;
  }

  private async execute(live: LiveRequest, job: TakenJob): Promise<void> {
    const { id } = job.data;
    const { monotonicMs } = this.options;
    const conditions: ItemConditions = {
      monotonicMs,
      deadlineMs: live.deadlineMs,
      signal: live.over.signal,
      claim: (tx) => this.claim(tx, live, job),
      settle: (tx, outcomes) => this.settle(tx, live, job, outcomes),
    };
    let outcomes: ItemOutcome[];
    try {
      outcomes = await this.executed(live, job, conditions);
    } catch (error) {
      if (live.over.signal.aborted) return;
      if (!(error instanceof ClaimLost)) throw error;
      const text = `id ${id}: ${error.message}; nothing of it was stored`;
      this.observer.notice?.({ level: 'warning', event: 'claim_lost', text }, [id]);
      return;
    }
    for (const outcome of outcomes) {
      this.observer.itemFinished?.(outcome);
      for (const notice of outcome.notices) this.observer.notice?.(notice, [id]);
    }
  }

  /** Executes an item, or reports why it cannot be executed. @throws ClaimLost, and errors that are not caused by the item */
  private async executed(live: LiveRequest, job: TakenJob, conditions: ItemConditions): Promise<ItemOutcome[]> {
    const { id } = job.data;
    try {
      // `until` waits for a lost database; if the server is full, another worker gets the item
      const policy = { reconnectDelaysMs: [], fullServerDelaysMs: [], signal: live.over.signal };
      return await withReconnect(
        () => executeItem(this.database, live.request, id, conditions),
        policy,
        (error, delayMs) => this.observer.notice?.(setback(error, delayMs), [id]),
      );
    } catch (error) {
      if (error instanceof ClaimLost || live.over.signal.aborted || isDatabaseLost(error)) throw error;
      if (isServerFull(error)) {
        await this.handBack(live, job, error as Error);
        throw error;
      }
      // the transaction as a whole failed, and would fail again
      const outcomes = lostItem(live.request, id, error, this.options.monotonicMs());
      await this.reportLoss(live, job, outcomes);
      return outcomes;
    }
  }

  /** Gives an item back for which the server had no connection, and notes why. If even that fails, the caller frees the item. */
  private async handBack(live: LiveRequest, job: TakenJob, error: Error): Promise<void> {
    const { name, redact } = this.options;
    const common = { worker: connectionName(name), reason: 'server_full', times: job.retryCount } as const;
    const why = { ...common, message: redact(error.message) };
    const work = () =>
      this.database.transaction(async (tx) => {
        await this.claim(tx, live, job);
        await giveBack(tx, job.id, why);
      });
    await work().catch(() => undefined);
  }

  private async reportLoss(live: LiveRequest, job: TakenJob, outcomes: readonly ItemOutcome[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.claim(tx, live, job);
      await this.settle(tx, live, job, outcomes);
    });
  }

  /** Locks the item for the duration of the transaction. */
  private async claim(tx: Session, live: LiveRequest, job: TakenJob): Promise<void> {
    await endWhenSilent(tx);
    await tx.query(`SELECT set_config('idle_in_transaction_session_timeout', '${FROZEN_MS}', true)`);
    await showItem(tx, this.options.name, live.request.component, job.data.id);
    const isOurs = await lockTakenItem(tx, { jobId: job.id, retryCount: job.retryCount });
    if (!isOurs) throw new ClaimLost('another worker took the item over');
  }

  /** The report is part of the transaction of the data: both are stored, or neither. */
  private async settle(tx: Session, live: LiveRequest, job: TakenJob, outcomes: readonly ItemOutcome[]): Promise<void> {
    const { name, monotonicMs, redact } = this.options;
    live.over.signal.throwIfAborted();
    if (!(await isWanted(tx, live.jobId, live.runId))) throw new ClaimLost('the run is over');
    const text = outcomesText(connectionName(name), outcomes, monotonicMs(), redact);
    if (!(await reportItem(tx, job.id, text))) throw new ClaimLost('the item was withdrawn');
  }
}

/** The notice about a failure that waiting cures. @throws any other failure */
function setback(error: unknown, pauseMs: number): Notice {
  const pause = `${pauseMs / 1000} s`;
  if (isDatabaseLost(error)) {
    return { level: 'warning', event: 'db_connection', text: `${(error as Error).message}; trying again in ${pause}` };
  }
  if (isServerFull(error)) {
    const text = `The server has no free connection for this worker: ${(error as Error).message}; waiting ${pause}`;
    return { level: 'warning', event: 'server_full', text };
  }
  if (isConflict(error)) {
    const text = `Another session was faster: ${(error as Error).message}; trying again in ${pause}`;
    return { level: 'warning', event: 'db_conflict', text };
  }
  if (error instanceof ClaimLost) return { level: 'warning', event: 'claim_lost', text: error.message };
  throw error;
}
