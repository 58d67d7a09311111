import type { Component, Notice } from '@ta/pipeline';
import type { NoteOfItem } from './item-rows.ts';
import type { PresentWorker } from './worker-presence.ts';

/** Time after which the operator is reminded that there is no worker. */
const ALONE_AGAIN_MS = 60_000;

/** Reports on the queue and its workers to the operator, each thing once. */
export class QueueNotices {
  private isPaused = false;
  private aloneSinceMs: number | null = null;
  /** Foreign rows, notes of workers and workers of other versions that were reported already. */
  private readonly strange = new Set<string>();
  private readonly notes = new Map<string, string | null>();
  private readonly refusing = new Set<string>();

  /** @param aloneMs how long items may wait without a worker before that is reported, milliseconds */
  constructor(
    private readonly tell: (notice: Notice) => void,
    private readonly aloneMs = 3_000,
  ) {}

  strangeRow(jobId: string, what: string): void {
    if (this.strange.has(jobId)) return;
    this.strange.add(jobId);
    this.warn('strange_row', `Row ${jobId} of the queue is not a valid ${what} of this program`);
  }

  /** @param id of the asset, where it is known */
  workerLost(id: number | undefined, component: Component): void {
    const text = `the worker that worked on its ${component} is gone or lost its claim; another worker takes over`;
    this.warn('worker_lost', `id ${id ?? '?'}: ${text}`);
  }

  pause(isPaused: boolean): void {
    if (isPaused === this.isPaused) return;
    this.isPaused = isPaused;
    const text = isPaused ? 'The queue is paused: ta queue resume continues it' : 'The queue was resumed';
    this.tell({ level: isPaused ? 'warning' : 'info', event: 'queue_paused', text });
  }

  fullServer({ jobId, worker, message, times }: NoteOfItem, id: number | undefined): void {
    if (this.notes.get(jobId) === times) return;
    this.notes.set(jobId, times);
    this.warn('server_full', `id ${id ?? '?'}: ${worker} had no connection for it (${message}); it is tried again`);
  }

  refusal(refusing: readonly PresentWorker[]): void {
    for (const { host, pid } of refusing) {
      const who = `${host} ${pid}`;
      if (this.refusing.has(who)) continue;
      this.refusing.add(who);
      const text = `Worker ${who} runs another version of this program and takes no items of this run`;
      this.warn('request_refused', text);
    }
  }

  /** Reports that items wait and no worker takes them. */
  workers(
    { present, refusing, waiting }: { readonly present: number; readonly refusing: number; readonly waiting: number },
    nowMs: number,
  ): void {
    if (present > refusing || waiting === 0) {
      this.aloneSinceMs = null;
      return;
    }
    // if workers refuse the request, waiting changes nothing: report it at once
    this.aloneSinceMs ??= refusing > 0 ? nowMs - this.aloneMs : nowMs;
    if (nowMs - this.aloneSinceMs < this.aloneMs) return;
    this.aloneSinceMs = nowMs + ALONE_AGAIN_MS - this.aloneMs;
    const others =
      refusing === 0 ? 'No worker is connected' : `None of the ${refusing} connected worker(s) runs this version`;
    const text = `${others}, and ${waiting} item(s) wait: start one on any host with ta worker`;
    this.tell({ level: refusing === 0 ? 'warning' : 'error', event: 'no_workers', text });
  }

  private warn(event: string, text: string): void {
    this.tell({ level: 'warning', event, text });
  }
}
