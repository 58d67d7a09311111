import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  lostItem,
  withReconnect,
  type ComponentRun,
  type ItemExecutor,
  type ItemOrder,
  type ItemOutcome,
  type ItemPool,
  type Notice,
} from '@ta/pipeline';
import type { Database, Session } from '@ta/state-store';
import { readBoard } from './board.ts';
import { assertQueue, bossOn, ITEMS, ORDERS } from './boss.ts';
import { QueueError } from './errors.ts';
import {
  lockIdleItems,
  readAnswers,
  readGivenBack,
  readJobIds,
  removeJobs,
  type Answer,
  type GivenBack,
  type NoteOfItem,
} from './item-rows.ts';
import { orderText, type ItemText } from './order-text.ts';
import { outcomesOf, readableOutcomes } from './outcome-text.ts';
import { readWorkers, shortOrder, type PresentWorker } from './worker-presence.ts';

/** How a run is distributed. */
export interface DistributionOptions {
  /** Told what the operator must know about workers. */
  readonly tell: (notice: Notice) => void;
  /** Called when the run was cancelled from elsewhere. It shall abort the run's signal. */
  readonly onCancelled: () => void;
  /** Pause between two looks into the queue, milliseconds. Default 100; every tenth one looks after the workers. */
  readonly pollMs?: number;
  /** An item taken so long ago without anybody at work on it has lost its worker, milliseconds. Default 2,000. */
  readonly lostAfterMs?: number;
  /** Workers that may be lost with an item before it is given up: it may be what ends them. Default 10. */
  readonly mostLosses?: number;
  /** How long no worker may be there before that is said, milliseconds. Default 3,000. */
  readonly aloneMs?: number;
}

/** Items that lie in the queue at a time: taking one costs more the more there are. */
const WIDTH = 500;

/** How long a run that ends waits for the items that are still at work. */
const PATIENCE_MS = 10_000;

/** All states of an item. */
const STATES = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'];

/** How often it is said that no worker is there. */
const ALONE_AGAIN_MS = 60_000;

/**
 * Has the items executed by workers: they are put into the queue, and their outcomes are read from it. The caller holds the
 * run lock of the whole database; whoever lost it has its items worked on no longer.
 */
export function queueExecutor(database: Database, options: DistributionOptions): ItemExecutor {
  return {
    async open(order, run) {
      const pool = new QueuePool(database, order, run, options);
      await withReconnect(() => pool.post(), run, run.tellOfRetry(null));
      pool.start();
      return pool;
    },
  };
}

/** An item whose outcome is awaited. */
interface Awaited {
  readonly id: number;
  readonly jobId: string;
  readonly priority: number;
  answer(outcomes: readonly ItemOutcome[] | null): void;
}

class QueuePool implements ItemPool {
  readonly width = WIDTH;
  private readonly orderId = randomUUID();
  private readonly pollMs: number;
  private readonly unsent: Awaited[] = [];
  private readonly sent = new Map<string, Awaited>();
  private answered: string[] = [];
  private handedOver = 0;
  private isStopped = false;
  private isClosing = false;
  /** When the run was stopped, on the clock of durations. */
  private endedMs: number | null = null;
  private failure: { readonly error: unknown } | null = null;
  private overseenMs = Number.NEGATIVE_INFINITY;
  private aloneSinceMs: number | null = null;
  private isPaused = false;
  /** Foreign rows, notes of workers and workers of other versions that were reported already. */
  private readonly strange = new Set<string>();
  private readonly notes = new Map<string, string | null>();
  private readonly refusing = new Set<string>();
  private turning: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly order: ItemOrder,
    private readonly conditions: ComponentRun,
    private readonly options: DistributionOptions,
  ) {
    this.pollMs = options.pollMs ?? 100;
  }

  /** Writes the order. What lies in the queue is of runs that are over: this one holds the run lock. */
  async post(): Promise<void> {
    await this.database.session(assertQueue);
    const { deadlineMs, monotonicMs } = this.conditions;
    const limitMs = deadlineMs === undefined ? null : deadlineMs - monotonicMs();
    const data = orderText(this.order, limitMs);
    await this.database.transaction(async (tx) => {
      await this.clear(tx, await lockIdleItems(tx, { orderId: this.orderId, states: STATES }));
      const earlier = (await readBoard(tx)).orders.map(({ jobId }) => jobId);
      await removeJobs(tx, ORDERS, earlier);
      await (await bossOn(tx)).insert([{ id: this.orderId, name: ORDERS, data }]);
    });
  }

  /** Removes items from the queue, and names those that are none. */
  private async clear(tx: Session, items: readonly { jobId: string; isKnown: boolean }[]): Promise<void> {
    for (const { jobId } of items.filter(({ isKnown }) => !isKnown)) this.tellOfStrange(jobId, 'item: removed');
    await removeJobs(
      tx,
      ITEMS,
      items.map(({ jobId }) => jobId),
    );
  }

  private tellOfStrange(jobId: string, what: string): void {
    if (this.strange.has(jobId)) return;
    this.strange.add(jobId);
    const text = `Row ${jobId} of the queue is not a valid ${what} of this program`;
    this.options.tell({ level: 'warning', event: 'strange_row', text });
  }

  start(): void {
    this.turning = this.turnUntilClosed();
  }

  run(id: number): Promise<readonly ItemOutcome[] | null> {
    return new Promise((answer) => {
      if (this.failure !== null) answer(this.lost(id, this.failure.error));
      else if (this.isStopped || this.endedMs !== null) answer(null);
      else this.unsent.push({ id, jobId: randomUUID(), priority: -this.handedOver++, answer });
    });
  }

  stop(): void {
    this.isStopped = true;
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await this.turning;
    // what is not removed now is removed by the next run
    await this.database.transaction((tx) => this.remove(tx)).catch(() => undefined);
  }

  /** Waits for workers that report at this moment: once the order is gone, nothing more is written for it. */
  private async remove(tx: Session): Promise<void> {
    await removeJobs(tx, ORDERS, [this.orderId]);
    const left = await lockIdleItems(tx, { orderId: this.orderId, states: STATES });
    const ours = left.filter(({ isOurs }) => isOurs).map(({ jobId }) => jobId);
    await removeJobs(tx, ITEMS, ours);
  }

  private async turnUntilClosed(): Promise<void> {
    const { tellOfRetry } = this.conditions;
    while (!this.isClosing) {
      try {
        await withReconnect(() => this.turn(), this.conditions, tellOfRetry(null));
      } catch (error) {
        this.failure = { error };
        for (const item of this.outstanding()) item.answer(this.lost(item.id, error));
        return;
      }
      await sleep(this.pollMs);
    }
  }

  private outstanding(): Awaited[] {
    const all = [...this.unsent.splice(0), ...this.sent.values()];
    this.sent.clear();
    return all;
  }

  /** Outcomes of an item that was not finished; of an interruption when the run was stopped. */
  private lost(id: number, error: unknown): ItemOutcome[] {
    const { signal, monotonicMs } = this.conditions;
    return lostItem(this.order, id, signal?.aborted === true ? null : error, monotonicMs());
  }

  /** Whatever is to be done with the queue now. Doing it twice does no harm. */
  private async turn(): Promise<void> {
    const nowMs = this.conditions.monotonicMs();
    if (this.conditions.signal?.aborted === true) await this.end(nowMs);
    if (this.isStopped || this.endedMs !== null) await this.withdraw();
    await this.database.session(async (session) => {
      await removeJobs(session, ITEMS, this.answered.splice(0));
      await this.send(session);
      await this.collect(session);
    });
    if (nowMs - this.overseenMs >= 10 * this.pollMs) {
      this.overseenMs = nowMs;
      await this.oversee(nowMs);
    }
    if (this.endedMs !== null && nowMs - this.endedMs > PATIENCE_MS) {
      for (const item of this.outstanding()) item.answer(this.lost(item.id, null));
    }
  }

  private async send(session: Session): Promise<void> {
    const items = this.unsent.slice();
    if (items.length === 0) return;
    const boss = await bossOn(session);
    await boss.insert(
      items.map(({ id, jobId, priority }) => ({
        // as in one process, ids are begun in the order in which they are handed over
        ...{ id: jobId, name: ITEMS, priority, data: { order: this.orderId, id } satisfies ItemText },
        ...{
          retryLimit: (this.options.mostLosses ?? 10) - 1,
          retryDelay: 0,
          retryBackoff: false,
          expireInSeconds: 86_000,
        },
      })),
    );
    for (const item of items) this.sent.set(item.jobId, item);
    this.unsent.splice(0, items.length);
  }

  private async collect(session: Session): Promise<void> {
    for (const answer of await readAnswers(session, this.orderId)) {
      this.answered.push(answer.jobId);
      const item = this.sent.get(answer.jobId);
      if (item === undefined) continue;
      this.sent.delete(answer.jobId);
      item.answer(this.outcomesOf(item, answer));
    }
  }

  private outcomesOf({ id }: Awaited, { isReported, output, takenTimes }: Answer): ItemOutcome[] {
    if (!isReported) return this.lost(id, givenUp(takenTimes, output));
    const report = readableOutcomes(output);
    if (report !== null) return outcomesOf(report, this.conditions.monotonicMs());
    return this.lost(id, new QueueError('QUEUE_ANSWER', 'its answer in the queue cannot be read by this version'));
  }

  /** Tells the workers that the run ends: what they are at work on is rolled back. */
  private async end(nowMs: number): Promise<void> {
    if (this.endedMs !== null) return;
    await this.database.session(async (session) => (await bossOn(session)).cancel(ORDERS, this.orderId));
    this.endedMs = nowMs;
  }

  /** Takes back what no worker has begun; of a run that ends, also what workers have let go of. */
  private async withdraw(): Promise<void> {
    for (const item of this.unsent.splice(0)) item.answer(null);
    const states = this.endedMs === null ? ['created', 'retry'] : ['created', 'retry', 'active'];
    const left = await this.database.transaction(async (tx) => {
      const idle = (await lockIdleItems(tx, { orderId: this.orderId, states })).map(({ jobId }) => jobId);
      await removeJobs(tx, ITEMS, idle);
      return readJobIds(tx, this.orderId);
    });
    for (const [jobId, item] of this.sent) {
      if (left.has(jobId)) continue;
      item.answer(null);
      this.sent.delete(jobId);
    }
  }

  /** Sends again what was removed from the queue by hand, or by a statement whose end was not heard of. */
  private async sendMissing(): Promise<void> {
    const there = await this.database.session((session) => readJobIds(session, this.orderId));
    for (const [jobId, item] of this.sent) {
      if (there.has(jobId)) continue;
      this.sent.delete(jobId);
      this.unsent.push(item);
    }
  }

  private async oversee(nowMs: number): Promise<void> {
    const { assertExclusive } = this.conditions;
    if (this.endedMs === null) {
      await assertExclusive?.();
      await this.freeLostItems();
      await this.sendMissing();
    }
    const { board, workers, givenBack } = await this.database.session(async (session) => ({
      board: await readBoard(session),
      workers: await readWorkers(session),
      givenBack: await readGivenBack(session, this.orderId),
    }));
    const posted = board.orders.find(({ jobId }) => jobId === this.orderId);
    if (posted?.isCancelled === true && this.endedMs === null) {
      this.endedMs = nowMs;
      this.options.onCancelled();
    }
    this.tellOfPause(board.isPaused);
    for (const jobId of board.strangeRows) this.tellOfStrange(jobId, 'order: it is left alone');
    for (const note of givenBack) this.tellOfFullServer(note);
    const refusing = workers.filter(({ refused }) => refused.includes(shortOrder(this.orderId)));
    this.tellOfRefusal(refusing);
    this.tellOfWorkers(workers.length, refusing.length, nowMs);
  }

  /** Gives the items of workers that are gone to others. */
  private async freeLostItems(): Promise<void> {
    const forMs = this.options.lostAfterMs ?? 2_000;
    const lost = await this.database.transaction(async (tx) => {
      const idle = await lockIdleItems(tx, { orderId: this.orderId, states: ['active'], forMs });
      await this.clear(
        tx,
        idle.filter(({ isOurs }) => !isOurs),
      );
      const ours = idle.filter(({ isOurs }) => isOurs).map(({ jobId }) => jobId);
      const boss = await bossOn(tx);
      for (const jobId of ours) await boss.fail(ITEMS, jobId, { message: 'its worker is gone' });
      return ours;
    });
    for (const jobId of lost) {
      const id = this.sent.get(jobId)?.id;
      const text = `id ${id ?? '?'}: the worker that worked on its ${this.order.component} is gone or lost its claim; another worker takes over`;
      this.options.tell({ level: 'warning', event: 'worker_lost', text });
    }
  }

  private tellOfPause(isPaused: boolean): void {
    if (isPaused === this.isPaused) return;
    this.isPaused = isPaused;
    const text = isPaused ? 'The queue is paused: ta queue resume continues it' : 'The queue was resumed';
    this.options.tell({ level: isPaused ? 'warning' : 'info', event: 'queue_paused', text });
  }

  private tellOfFullServer({ jobId, worker, message, times }: NoteOfItem): void {
    if (this.notes.get(jobId) === times) return;
    this.notes.set(jobId, times);
    const text = `id ${this.sent.get(jobId)?.id ?? '?'}: ${worker} had no connection for it (${message}); it is tried again`;
    this.options.tell({ level: 'warning', event: 'server_full', text });
  }

  private tellOfRefusal(refusing: readonly PresentWorker[]): void {
    for (const { host, pid } of refusing) {
      const who = `${host} ${pid}`;
      if (this.refusing.has(who)) continue;
      this.refusing.add(who);
      const text = `Worker ${who} runs another version of this program and takes no items of this run`;
      this.options.tell({ level: 'warning', event: 'order_refused', text });
    }
  }

  private tellOfWorkers(present: number, refusing: number, nowMs: number): void {
    const waiting = this.sent.size;
    if (present > refusing || waiting === 0 || this.endedMs !== null) {
      this.aloneSinceMs = null;
      return;
    }
    const aloneMs = this.options.aloneMs ?? 3_000;
    // workers that refuse are there to stay: nothing is waited for
    this.aloneSinceMs ??= refusing > 0 ? nowMs - aloneMs : nowMs;
    if (nowMs - this.aloneSinceMs < aloneMs) return;
    this.aloneSinceMs = nowMs + ALONE_AGAIN_MS - aloneMs;
    const others =
      refusing === 0 ? 'No worker is connected' : `None of the ${refusing} connected worker(s) runs this version`;
    const text = `${others}, and ${waiting} item(s) wait: start one on any host with ta worker`;
    this.options.tell({ level: refusing === 0 ? 'warning' : 'error', event: 'no_workers', text });
  }
}

function givenUp(times: number, output: unknown): QueueError {
  const { reason, message } = (output ?? {}) as Partial<GivenBack>;
  if (reason === 'server_full') {
    const text = `given up: the server had no free connection for it ${times} time(s): ${message}`;
    return new QueueError(
      'QUEUE_ITEM_LOST',
      text,
      'Close other clients, start fewer workers, or raise max_connections.',
    );
  }
  return new QueueError(
    'QUEUE_ITEM_LOST',
    `given up: ${times} worker(s) were lost while they processed it`,
    'Read the logs of the workers: the usual cause is lack of memory.',
  );
}
