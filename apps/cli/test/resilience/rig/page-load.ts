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
  /** Clients that ask for a chart every two seconds. */
  readonly regular: number;
  /** Whose charts: half of the connections ask for that of the first. */
  readonly ids: readonly number[];
  /** EMAs of a chart, as the page names them. */
  readonly emas: string;
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

/** One chart, as all who look at one page ask for, and others of other lengths, as somebody asks who wants to be a burden. */
function chartOf({ ids, emas }: PageLoad, n: number): string {
  const id = n % 2 === 0 ? ids[0] : ids[(n >> 1) % ids.length];
  return `/api/chart?id=${id}&source=1d&tf=1D&emas=${emas}&limit=${n % 2 === 0 ? 4_000 : 4_000 - n}`;
}

/** What the clients of the page do, and have come to so far. */
export interface Traffic {
  answered: number;
  refused: number;
  cut: number;
  /** The page is left alone for now: all connections are closed. */
  isPaused: boolean;
  isOver: boolean;
}

/**
 * Serves the page of an embedded database in a process of its own, and asks it for more than it wants to give as long as other
 * work goes on.
 */
export async function loadPage<T>(
  dir: string,
  plan: PageLoad,
  meanwhile: (traffic: Traffic) => Promise<T>,
): Promise<PageFigures<T>> {
  const page = startCli(['ui', '--port', '0'], { DB_DIR: dir });
  const traffic: Traffic = { answered: 0, refused: 0, cut: 0, isPaused: false, isOver: false };
  try {
    if (!(await page.said(/Chart page: \S+\n/))) throw new Error(`the page did not start: ${page.output()}`);
    const port = Number(/:(\d+)\//.exec(page.output())?.[1]);
    const first = await fetch(`http://127.0.0.1:${port}${chartOf(plan, 0)}`);
    const answer = await first.text();
    if (first.status !== 200) throw new Error(`the page answered ${first.status}: ${answer}`);
    const baseMb = memoryMb(page);
    const of = (many: number, start: (target: string) => Promise<void>) =>
      Array.from({ length: many }, (_, n) => start(chartOf(plan, n)));
    const clients = [
      ...of(plan.unread, (target) => lingering(port, target, 0, traffic)),
      ...of(plan.slow, (target) => lingering(port, target, 1_000, traffic)),
      ...of(plan.steady, (target) => asking(port, target, 0, traffic)),
      ...of(plan.regular, (target) => asking(port, target, 2_000, traffic)),
    ];
    const most = watchMemory(page, traffic);
    const result = await meanwhile(traffic);
    traffic.isOver = true;
    await Promise.all(clients);
    const { answered, refused, cut } = traffic;
    return { answered, refused, cut, baseMb, mostMb: await most, result };
  } finally {
    traffic.isOver = true;
    page.kill('SIGTERM');
    await page.ended;
  }
}

/**
 * Takes the run lock of an embedded database again and again, as a refresh does, from a page that has answered somebody since
 * the last time.
 * @returns how long each had to wait for it, milliseconds
 */
export async function takeTurns(dir: string, writers: number, lengthMs: number, traffic: Traffic): Promise<number[]> {
  const target: DatabaseTarget = { engine: 'pglite', dir, source: 'page load' };
  const waits: number[] = [];
  for (let i = 0; i < writers; i++) {
    const before = traffic.answered;
    await sleep(lengthMs / writers);
    // the page may be busy with those that linger
    for (let waitedMs = 0; traffic.answered === before && waitedMs < LONGEST_PAUSE_MS; waitedMs += 20) await sleep(20);
    const askedMs = performance.now();
    const lock = await acquireRunLock(target, { runId: `writer-${i}`, command: 'test', waitMs: 0, nowMs: Date.now() });
    waits.push(performance.now() - askedMs);
    await sleep(Math.min(500, lengthMs / writers));
    await lock.release();
  }
  return waits;
}

/** Pause of the page before a refresh without load: it has let go of the database by then. */
const QUIET_MS = 6_000;

/**
 * Does the same work by turns while the page is asked and while it is left alone: so other work on the machine slows both alike.
 * @param work tells how long it took
 */
export async function byTurns(
  pairs: number,
  work: () => Promise<number>,
  underLoad: (timed: () => Promise<void>) => Promise<void>,
  traffic: Traffic,
): Promise<{ readonly loaded: number[]; readonly alone: number[] }> {
  const [loaded, alone]: [number[], number[]] = [[], []];
  for (let i = 0; i < pairs; i++) {
    await underLoad(async () => void loaded.push(await work()));
    traffic.isPaused = true;
    await sleep(QUIET_MS);
    alone.push(await work());
    traffic.isPaused = false;
  }
  return { loaded, alone };
}

async function asking(port: number, target: string, pauseMs: number, traffic: Traffic): Promise<void> {
  while (!traffic.isOver) {
    if (await isLeftAlone(traffic)) continue;
    const status = await fetch(`http://127.0.0.1:${port}${target}`, { signal: AbortSignal.timeout(60_000) }).then(
      async (answer) => (await answer.arrayBuffer(), answer.status),
      () => 0,
    );
    if (status === 200) traffic.answered++;
    else if (status === 0) traffic.cut++;
    else traffic.refused++;
    // a client that is turned away asks again soon
    await sleep(Math.max(pauseMs, status === 200 ? 0 : 100));
  }
}

async function isLeftAlone({ isPaused }: Traffic): Promise<boolean> {
  if (isPaused) await sleep(100);
  return isPaused;
}

/** A connection that reads little or nothing, and comes again when it is cut. */
async function lingering(port: number, target: string, bytesASecond: number, traffic: Traffic): Promise<void> {
  while (!traffic.isOver) {
    if (await isLeftAlone(traffic)) continue;
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    await untilCut(socket, bytesASecond, traffic);
    if (!traffic.isOver && !traffic.isPaused) traffic.cut++;
    await sleep(200);
  }
}

async function untilCut(socket: Socket, bytesASecond: number, traffic: Traffic): Promise<void> {
  const sinceMs = performance.now();
  let isCut = false;
  socket.once('close', () => (isCut = true)).on('error', () => undefined);
  while (!isCut && !traffic.isOver && !traffic.isPaused) {
    await sleep(250);
    if (bytesASecond > 0) socket.read(Math.ceil(bytesASecond / 4));
    // who reads nothing does not see that it was cut: it comes again by itself
    if (performance.now() - sinceMs > 20_000) break;
  }
  socket.destroy();
}

async function watchMemory(page: CliRun, traffic: Traffic): Promise<number | null> {
  let most: number | null = null;
  while (!traffic.isOver) {
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
