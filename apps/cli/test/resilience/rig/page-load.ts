import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireRunLock, type DatabaseTarget } from '@ta/state-store';
import { startCli, type CliRun } from './cli-process.ts';

/** What is asked of the page. */
export interface PageLoad {
  /** Connections that ask for a chart and never read the answer. */
  readonly unread: number;
  /** Connections that read it slowly. */
  readonly slow: number;
  /** Clients that ask for charts one after the other, without a pause. */
  readonly steady: number;
}

/** What came of it. */
export interface PageFigures<T> {
  readonly answered: number;
  readonly refused: number;
  /** Connections that the page cut or did not take. */
  readonly cut: number;
  /** Memory of the page's process after one answer, MB. */
  readonly baseMb: number | null;
  /** Most memory of the page's process, MB; null where the system does not tell. */
  readonly mostMb: number | null;
  /** What came of the work done meanwhile. */
  readonly result: T;
}

/** What the process of a page with an embedded database may take, MB. */
export const MOST_PAGE_MB = 250;

/** How long a writer waits for somebody else to be answered first. */
const LONGEST_PAUSE_MS = 10_000;

/** One chart, as all who look at one page ask for, and one of another length, as somebody asks who wants to be a burden. */
const CHART = '/api/chart?id=ID&source=1d&tf=1D&emas=multi_tf:2,multi_tf:5&limit=4000';
const OTHER_CHART = CHART.replace('4000', 'LIMIT');
const chartOf = (id: number, n: number): string =>
  (n % 2 === 0 ? CHART : OTHER_CHART.replace('LIMIT', String(4_000 - n))).replace('ID', String(id));

/**
 * Serves the page of an embedded database in a process of its own, and asks it for more than it wants to give as long as other
 * work goes on.
 */
export async function loadPage<T>(
  dir: string,
  id: number,
  plan: PageLoad,
  meanwhile: (counts: PageCounts) => Promise<T>,
): Promise<PageFigures<T>> {
  const page = startCli(['ui', '--port', '0'], { DB_DIR: dir });
  const ended = { isOver: false };
  const counts = { answered: 0, refused: 0, cut: 0 };
  try {
    if (!(await page.said(/Chart page: \S+\n/))) throw new Error(`the page did not start: ${page.output()}`);
    const port = Number(/:(\d+)\//.exec(page.output())?.[1]);
    await (await fetch(`http://127.0.0.1:${port}${chartOf(id, 0)}`)).arrayBuffer();
    const baseMb = memoryMb(page);
    const of = (many: number, start: (target: string) => Promise<void>) =>
      Array.from({ length: many }, (_, n) => start(chartOf(id, n)));
    const clients = [
      ...of(plan.unread, (target) => lingering(port, target, 0, ended, counts)),
      ...of(plan.slow, (target) => lingering(port, target, 1_000, ended, counts)),
      ...of(plan.steady, (target) => asking(port, target, ended, counts)),
    ];
    const most = watchMemory(page, ended);
    const result = await meanwhile(counts);
    ended.isOver = true;
    await Promise.all(clients);
    return { ...counts, baseMb, mostMb: await most, result };
  } finally {
    ended.isOver = true;
    page.kill('SIGTERM');
    await page.ended;
  }
}

/**
 * Takes the run lock of an embedded database again and again, as a refresh does, from a page that has answered somebody since
 * the last time.
 * @returns how long each had to wait for it, milliseconds
 */
export async function takeTurns(dir: string, writers: number, lengthMs: number, counts: PageCounts): Promise<number[]> {
  const target: DatabaseTarget = { engine: 'pglite', dir, source: 'page load' };
  const waits: number[] = [];
  for (let i = 0; i < writers; i++) {
    const before = counts.answered;
    await sleep(lengthMs / writers);
    // the page may be busy with those that linger
    for (let waitedMs = 0; counts.answered === before && waitedMs < LONGEST_PAUSE_MS; waitedMs += 20) await sleep(20);
    const askedMs = performance.now();
    const lock = await acquireRunLock(target, { runId: `writer-${i}`, command: 'test', waitMs: 0, nowMs: Date.now() });
    waits.push(performance.now() - askedMs);
    await sleep(Math.min(500, lengthMs / writers));
    await lock.release();
  }
  return waits;
}

/** What the clients of the page have come to so far. */
export interface PageCounts {
  answered: number;
  refused: number;
  cut: number;
}

async function asking(port: number, target: string, ended: { isOver: boolean }, counts: PageCounts): Promise<void> {
  while (!ended.isOver) {
    const status = await fetch(`http://127.0.0.1:${port}${target}`, { signal: AbortSignal.timeout(60_000) }).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      () => 0,
    );
    if (status === 200) counts.answered++;
    else if (status === 0) counts.cut++;
    else counts.refused++;
    // a client that is turned away asks again soon
    if (status !== 200) await sleep(100);
  }
}

/** A connection that reads little or nothing, and comes again when it is cut. */
async function lingering(
  port: number,
  target: string,
  bytesASecond: number,
  ended: { isOver: boolean },
  counts: PageCounts,
): Promise<void> {
  while (!ended.isOver) {
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await untilCut(socket, bytesASecond, ended);
    if (!ended.isOver) counts.cut++;
    await sleep(200);
  }
}

async function untilCut(socket: Socket, bytesASecond: number, ended: { isOver: boolean }): Promise<void> {
  const sinceMs = performance.now();
  let isCut = false;
  socket.once('close', () => (isCut = true)).on('error', () => undefined);
  while (!isCut && !ended.isOver) {
    await sleep(250);
    if (bytesASecond > 0) socket.read(Math.ceil(bytesASecond / 4));
    // who reads nothing does not see that it was cut: it comes again by itself
    if (performance.now() - sinceMs > 20_000) break;
  }
  socket.destroy();
}

async function watchMemory(page: CliRun, ended: { isOver: boolean }): Promise<number | null> {
  let most: number | null = null;
  while (!ended.isOver) {
    const now = memoryMb(page);
    if (now !== null) most = Math.max(most ?? 0, now);
    await sleep(100);
  }
  return most;
}

function memoryMb({ pid }: CliRun): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024);
  } catch {
    return null;
  }
}
