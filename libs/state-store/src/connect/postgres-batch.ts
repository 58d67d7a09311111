import type { Duplex } from 'node:stream';
import type pg from 'pg';

import { COPY_HEADER, COPY_TRAILER } from '../copy/file-format.ts';
import { toStoreError } from '../store-failure.ts';
import { announceMessage, announceStatement } from './statement-channel.ts';

/** A statement that waits for the next message to the server. */
interface Waiting {
  readonly sql: string;
  /** Raw tuples for a COPY FROM STDIN. */
  readonly rows?: Uint8Array[];
  /** Takes the bytes of a COPY TO STDOUT. */
  readonly take?: (chunk: Uint8Array) => void;
  /** Called with the outcome; absent when no caller waits for it. */
  readonly settle?: (error: unknown) => void;
  /** Whether the statement begins or ends the transaction. */
  readonly isControl?: boolean;
}

/** Bytes of rows that may wait; when there are more, they are sent. */
const MOST_WAITING = 1 << 21;

/**
 * Collects statements of one connection and sends them together: the simple protocol accepts several in one message and answers
 * them in order. The rows of a COPY are sent in the same message, without waiting until the server requests them; if the COPY
 * fails, the server ignores them.
 */
export class Outbox {
  private readonly client: pg.PoolClient;
  private waiting: Waiting[] = [];
  private bytes = 0;
  /** Whether anything has been sent to the server. */
  hasSent = false;
  private isPlanned = false;
  /** The failure of a statement that no caller waited for; after it the transaction cannot be used. */
  private failure: unknown = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(client: pg.PoolClient) {
    this.client = client;
  }

  /** Adds a statement to the next message. Rows for the same COPY statement as the previous rows are appended to those. */
  keep(sql: string, { rows, isControl }: Pick<Waiting, 'rows' | 'isControl'> = {}): void {
    const before = this.waiting.at(-1);
    if (rows !== undefined && before?.rows !== undefined && before.sql === sql) before.rows.push(...rows);
    else this.waiting.push({ sql, rows, isControl });
    for (const { length } of rows ?? []) this.bytes += length;
  }

  /** Whether so much is waiting that it should be sent now. */
  get isFull(): boolean {
    return this.bytes > MOST_WAITING;
  }

  /** Reads a COPY TO STDOUT; it shares a message with everything else that is requested in this turn of the event loop. */
  read(sql: string, take: (chunk: Uint8Array) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown) => (error === null ? resolve() : reject(error as Error));
      this.waiting.push({ sql, take, settle });
      if (this.isPlanned) return;
      this.isPlanned = true;
      process.nextTick(() => {
        this.isPlanned = false;
        void this.flush().catch(() => undefined); // each read is rejected with the error itself
      });
    });
  }

  /**
   * Sends the waiting statements, and waits for the answers.
   * @returns the tag of the last command; empty when there was none
   * @throws StoreError the first failure
   */
  flush(): Promise<string> {
    const sent = this.last.then(() => this.send());
    this.last = sent.catch(() => undefined);
    return sent;
  }

  /**
   * Discards the waiting statements from a given one on, or all of them if that one has already been sent.
   * @returns whether it was still waiting
   */
  forgetFrom(sql: string): boolean {
    const at = this.waiting.findIndex((one) => one.sql === sql);
    this.forget(Math.max(0, at), new Error(`${sql} was taken back`));
    return at >= 0;
  }

  /** Discards the waiting statements, and waits for the answers to those already sent. */
  async abandon(why: unknown): Promise<void> {
    this.forget(0, why);
    await this.last;
  }

  private forget(from: number, why: unknown): void {
    for (const { settle } of this.waiting.splice(from)) settle?.(why);
    this.bytes = this.waiting.flatMap(({ rows }) => rows ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  private async send(): Promise<string> {
    const { waiting } = this;
    if (waiting.length === 0 && this.failure === null) return '';
    this.waiting = [];
    this.bytes = 0;
    this.hasSent = true;
    let answer: Answer = { tag: '', done: 0, error: this.failure };
    if (this.failure === null) {
      for (const { sql, isControl } of waiting) if (isControl !== true) announceStatement(sql);
      announceMessage(waiting.length);
      answer = await new Promise<Answer>((resolve) => void this.client.query(new Batch(waiting, resolve)));
      const statement = waiting[answer.done]?.sql;
      if (answer.error !== null) answer = { ...answer, error: toStoreError(answer.error, { statement }) };
    }
    const { tag, done, error } = answer;
    waiting.forEach(({ settle }, at) => settle?.(at < done ? null : error));
    if (error === null) return tag;
    if (waiting.some(({ settle }, at) => at >= done && settle === undefined)) this.failure = error;
    throw error;
  }
}

/** How much of a message the server has completed. */
interface Answer {
  /** Tag of the last completed command. */
  readonly tag: string;
  /** Statements completed. */
  readonly done: number;
  readonly error: unknown;
}

/** The part of the driver's connection that is used to send a message. */
interface Wire {
  readonly stream: Duplex;
  query(text: string): void;
}

/** One message, in the form that the driver requires of custom queries. */
class Batch implements pg.Submittable {
  private readonly statements: readonly Waiting[];
  private readonly end: (answer: Answer) => void;
  private tag = '';
  private done = 0;
  private gathered = new Gathered();
  private refusal: Answer | null = null;

  constructor(statements: readonly Waiting[], end: (answer: Answer) => void) {
    this.statements = statements;
    this.end = end;
  }

  /** The driver replaces this function when a query timeout is set. */
  callback(): void {}

  submit(connection: unknown): void {
    const { stream } = connection as Wire;
    stream.cork();
    (connection as Wire).query(this.statements.map(({ sql }) => sql).join(';\n'));
    for (const { rows } of this.statements) if (rows !== undefined) stream.write(copyMessages(rows));
    stream.uncork();
  }

  handleCopyInResponse(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.taken((take) => this.gathered.add(chunk, take));
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.taken((take) => this.gathered.finish(take));
    this.tag = text;
    this.done++;
  }

  handleReadyForQuery(): void {
    this.end(this.refusal ?? { tag: this.tag, done: this.done, error: null });
  }

  handleError(error: unknown): void {
    this.end(this.refusal ?? { tag: this.tag, done: this.done, error });
  }

  /**
   * Passes bytes to the reader of the current statement. If the reader throws, it gets no more bytes, and its error is reported.
   */
  private taken(hand: (take: (chunk: Uint8Array) => void) => void): void {
    const { take } = this.statements[this.done] ?? {};
    if (take === undefined || this.refusal !== null) return;
    try {
      hand(take);
    } catch (error) {
      this.refusal = { tag: this.tag, done: this.done, error };
    }
  }
}

/** Bytes passed on at a time. */
const GATHERED_BYTES = 1 << 16;

/** Collects rows into larger chunks; they arrive one by one, in memory that the driver reuses. */
class Gathered {
  private bytes: Buffer | null = null;
  private length = 0;

  add(chunk: Buffer, take: (chunk: Uint8Array) => void): void {
    if (this.length + chunk.length > GATHERED_BYTES) this.finish(take);
    if (chunk.length > GATHERED_BYTES) return take(chunk);
    this.bytes ??= Buffer.allocUnsafe(GATHERED_BYTES);
    chunk.copy(this.bytes, this.length);
    this.length += chunk.length;
  }

  finish(take: (chunk: Uint8Array) => void): void {
    if (this.bytes !== null && this.length > 0) take(this.bytes.subarray(0, this.length));
    this.length = 0;
  }
}

const COPY_DATA = 0x64;
const COPY_DONE = Buffer.of(0x63, 0, 0, 0, 4);

/** The rows as one CopyData message and the CopyDone message. */
function copyMessages(rows: readonly Uint8Array[]): Buffer {
  const parts = [COPY_HEADER, ...rows, COPY_TRAILER];
  const head = Buffer.alloc(5, COPY_DATA);
  head.writeInt32BE(4 + parts.reduce((sum, { length }) => sum + length, 0), 1);
  return Buffer.concat([head, ...parts, COPY_DONE]);
}
