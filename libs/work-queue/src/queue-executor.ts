import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  lostItem,
  withReconnect,
  type ComponentRun,
  type ItemExecutor,
  type ComponentRequest,
  type ItemOutcome,
  type ItemPool,
  type Notice,
} from '@ta/pipeline';
import type { Database, Session } from '@ta/state-store';
import { readBoard } from './board.ts';
import { assertQueue, bossOn, ITEMS, REQUESTS } from './boss.ts';
import { QueueError } from './errors.ts';
import {
  lockIdleItems,
  readAnswers,
  readGivenBack,
  readJobIds,
  removeJobs,
  type Answer,
  type GivenBack,
} from './item-rows.ts';
import { requestText, type ItemText } from './request-text.ts';
import { outcomesOf, readableOutcomes } from './outcome-text.ts';
import { QueueNotices } from './queue-notices.ts';
import { readWorkers, shortRequest } from './worker-presence.ts';

/** How a run is distributed. */
export interface DistributionOptions {
  /** Called with what the operator must know about workers. */
  readonly tell: (notice: Notice) => void;
  /** Called when the run was cancelled from elsewhere. It shall abort the run's signal. */
  readonly onCancelled: () => void;
  /** Pause between two polls of the queue, milliseconds. Default 100; the workers are checked once in ten pauses. */
  readonly pollMs?: number;
  /** A taken item that no worker has locked after this time has lost its worker, milliseconds. Default 2,000. */
  readonly lostAfterMs?: number;
  /** Number of workers lost with an item after which it is given up, since it may be what ends them. Default 10. */
  readonly mostLosses?: number;
  /** How long items may wait without a worker before that is reported, milliseconds. Default 3,000. */
  readonly aloneMs?: number;
}

/** Most items in the queue at a time: the more there are, the more it costs to take one. */
const WIDTH = 500;

/** How long a run that ends waits for the items that workers still process. */
const PATIENCE_MS = 10_000;

/** All states of an item. */
const STATES = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'];

/**
 * Lets workers execute the items: they are put into the queue, and their outcomes are read from it. The caller holds the run
 * lock of the whole database; once the lock is lost, workers take no more of its items.
 */
export function queueExecutor(database: Database, options: DistributionOptions): ItemExecutor {
  return {
    async open(request, run) {
      const pool = new QueuePool(database, request, run, options);
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
  private readonly requestId = randomUUID();
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
  private readonly notices: QueueNotices;
  private turning: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly request: ComponentRequest,
    private readonly conditions: ComponentRun,
    private readonly options: DistributionOptions,
  ) {
    this.pollMs = options.pollMs ?? 100;
    this.notices = new QueueNotices(options.tell, options.aloneMs);
  }

  /** Removes what earlier runs left in the queue (they are over, since this run holds the run lock), and writes the request. */
  async post(): Promise<void> {
    await this.database.session(assertQueue);
    const { deadlineMs, monotonicMs } = this.conditions;
    const limitMs = deadlineMs === undefined ? null : deadlineMs - monotonicMs();
    const data = requestText(this.request, limitMs);
    await this.database.transaction(async (tx) => {
      await this.clear(tx, await lockIdleItems(tx, { requestId: this.requestId, states: STATES }));
      const earlier = (await readBoard(tx)).requests.map(({ jobId }) => jobId);
      await removeJobs(tx, REQUESTS, earlier);
      await (await bossOn(tx)).insert([{ id: this.requestId, name: REQUESTS, data }]);
    });
  }

  /** Removes rows from the queue of items, and reports those that are not items. */
  private async clear(tx: Session, items: readonly { jobId: string; isKnown: boolean }[]): Promise<void> {
    for (const { jobId } of items.filter(({ isKnown }) => !isKnown)) this.notices.strangeRow(jobId, 'item: removed');
    await removeJobs(
      tx,
      ITEMS,
      items.map(({ jobId }) => jobId),
    );
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
    // the next run removes what is not removed now
    await this.database.transaction((tx) => this.remove(tx)).catch(() => undefined);
  }

  /** Waits for workers that report at this moment: once the request is gone, nothing more is written for it. */
  private async remove(tx: Session): Promise<void> {
    await removeJobs(tx, REQUESTS, [this.requestId]);
    const left = await lockIdleItems(tx, { requestId: this.requestId, states: STATES });
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

  /** The outcomes of an item that was not finished: the error, or an interruption if the run was stopped. */
  private lost(id: number, error: unknown): ItemOutcome[] {
    const { signal, monotonicMs } = this.conditions;
    return lostItem(this.request, id, signal?.aborted === true ? null : error, monotonicMs());
  }

  /** One round of sending, collecting and supervising. Repeating it does no harm. */
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
        // as in one process, ids are started in the order in which they are handed over
        ...{ id: jobId, name: ITEMS, priority, data: { order: this.requestId, id } satisfies ItemText },
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
    for (const answer of await readAnswers(session, this.requestId)) {
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

  /** Cancels the request: workers roll back the items they are processing. */
  private async end(nowMs: number): Promise<void> {
    if (this.endedMs !== null) return;
    await this.database.session(async (session) => (await bossOn(session)).cancel(REQUESTS, this.requestId));
    this.endedMs = nowMs;
  }

  /** Removes items that no worker has started; when the run ends, also taken ones that no worker has locked any more. */
  private async withdraw(): Promise<void> {
    for (const item of this.unsent.splice(0)) item.answer(null);
    const states = this.endedMs === null ? ['created', 'retry'] : ['created', 'retry', 'active'];
    const left = await this.database.transaction(async (tx) => {
      const idle = (await lockIdleItems(tx, { requestId: this.requestId, states })).map(({ jobId }) => jobId);
      await removeJobs(tx, ITEMS, idle);
      return readJobIds(tx, this.requestId);
    });
    for (const [jobId, item] of this.sent) {
      if (left.has(jobId)) continue;
      item.answer(null);
      this.sent.delete(jobId);
    }
  }

  /** Sends items again that were removed from the queue by hand, or by a statement whose answer was lost. */
  private async sendMissing(): Promise<void> {
    const there = await this.database.session((session) => readJobIds(session, this.requestId));
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
      givenBack: await readGivenBack(session, this.requestId),
    }));
    const posted = board.requests.find(({ jobId }) => jobId === this.requestId);
    if (posted?.isCancelled === true && this.endedMs === null) {
      this.endedMs = nowMs;
      this.options.onCancelled();
    }
    this.notices.pause(board.isPaused);
    for (const jobId of board.strangeRows) this.notices.strangeRow(jobId, 'request: it is left alone');
    for (const note of givenBack) this.notices.fullServer(note, this.sent.get(note.jobId)?.id);
    const refusing = workers.filter(({ refused }) => refused.includes(shortRequest(this.requestId)));
    this.notices.refusal(refusing);
    const waiting = this.endedMs === null ? this.sent.size : 0;
    this.notices.workers({ present: workers.length, refusing: refusing.length, waiting }, nowMs);
  }

  /** Frees the items of workers that are gone, so that others take them. */
  private async freeLostItems(): Promise<void> {
    const forMs = this.options.lostAfterMs ?? 2_000;
    const lost = await this.database.transaction(async (tx) => {
      const idle = await lockIdleItems(tx, { requestId: this.requestId, states: ['active'], forMs });
      await this.clear(
        tx,
        idle.filter(({ isOurs }) => !isOurs),
      );
      const ours = idle.filter(({ isOurs }) => isOurs).map(({ jobId }) => jobId);
      const boss = await bossOn(tx);
      for (const jobId of ours) await boss.fail(ITEMS, jobId, { message: 'its worker is gone' });
      return ours;
    });
    for (const jobId of lost) this.notices.workerLost(this.sent.get(jobId)?.id, this.request.component);
  }
}

function givenUp(times: number, output: unknown): QueueError {
  const { reason, message } = (output ?? {}) as Partial<GivenBack>;
  if (reason === 'server_full') {
    const text = `given up: the server had no free connection for it ${times} time(s): ${message}`;
    return new QueueError('QUEUE_ITEM_LOST', text, {
      hint: 'Close other clients, start fewer workers, or raise max_connections.',
    });
  }
  return new QueueError('QUEUE_ITEM_LOST', `given up: ${times} worker(s) were lost while they processed it`, {
    hint: 'Read the logs of the workers: the usual cause is lack of memory.',
  });
}
