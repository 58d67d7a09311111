import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireRunLock, type DatabaseTarget } from '@ta/state-store';
import { startCli, type CliRun } from './cli-process.ts';

/** What is done to the page. */
export interface PageLoad {
  /** Connections that ask for a chart and never read the answer. */
  readonly unread: number;
  /** Connections that read it slowly. */
  readonly slow: number;
  /** Clients that ask for charts one after the other, without a pause. */
  readonly steady: number;
  /** How often a writer takes the database meanwhile. */
  readonly writers: number;
  /** How long it goes on, milliseconds. */
  readonly lengthMs: number;
}

/** What came of it. */
export interface PageFigures {
  readonly answered: number;
  readonly refused: number;
  /** Connections that the page cut or did not take. */
  readonly cut: number;
  /** Most memory of the page's process, MB; null where the system does not tell. */
  readonly mostMb: number | null;
  /** How long each writer waited for the database, milliseconds. */
  readonly waitsMs: readonly number[];
}

const CHART = '/api/chart?id=ID&source=1d&tf=1D&emas=&limit=4000';

/** Serves the page of an embedded database in a process of its own, and asks it for more than it wants to give. */
export async function loadPage(dir: string, id: number, plan: PageLoad): Promise<PageFigures> {
  const page = startCli(['ui', '--port', '0'], { DB_DIR: dir });
  const ended = { isOver: false };
  const counts = { answered: 0, refused: 0, cut: 0 };
  try {
    if (!(await page.said(/Chart page: \S+\n/))) throw new Error(`the page did not start: ${page.output()}`);
    const port = Number(/:(\d+)\//.exec(page.output())?.[1]);
    const target = CHART.replace('ID', String(id));
    const clients = [
      ...Array.from({ length: plan.unread }, () => lingering(port, target, 0, ended, counts)),
      ...Array.from({ length: plan.slow }, () => lingering(port, target, 1_000, ended, counts)),
      ...Array.from({ length: plan.steady }, () => asking(port, target, ended, counts)),
    ];
    const most = watchMemory(page, ended);
    const waitsMs = await takeTurns(dir, plan, counts);
    ended.isOver = true;
    await Promise.all(clients);
    return { ...counts, mostMb: await most, waitsMs };
  } finally {
    ended.isOver = true;
    page.kill('SIGTERM');
    await page.ended;
  }
}

/** Takes the database again and again from a page that has answered somebody since the last time. */
async function takeTurns(dir: string, { writers, lengthMs }: PageLoad, counts: Counts): Promise<number[]> {
  const target: DatabaseTarget = { engine: 'pglite', dir, source: 'page load' };
  const waits: number[] = [];
  for (let i = 0; i < writers; i++) {
    const before = counts.answered;
    await sleep(lengthMs / writers);
    while (counts.answered === before) await sleep(20);
    const askedMs = performance.now();
    const lock = await acquireRunLock(target, { runId: `writer-${i}`, command: 'test', waitMs: 0, nowMs: Date.now() });
    waits.push(performance.now() - askedMs);
    await sleep(Math.min(500, lengthMs / writers));
    await lock.release();
  }
  return waits;
}

interface Counts {
  answered: number;
  refused: number;
  cut: number;
}

async function asking(port: number, target: string, ended: { isOver: boolean }, counts: Counts): Promise<void> {
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
  counts: Counts,
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
    try {
      const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${page.pid}/status`, 'utf8'))?.[1];
      most = Math.max(most ?? 0, Math.round(Number(kilobytes) / 1024));
    } catch {
      return most;
    }
    await sleep(100);
  }
  return most;
}
