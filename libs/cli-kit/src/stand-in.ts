import { Worker } from 'node:worker_threads';
import { passingText, type PassingLine } from './passing-line.ts';

/** Silence after which the thread reports: later than the main thread would, and within the promised 3 s. */
const SILENCE_MS = 2_800;
const LOOK_MS = 100;

/** Placeholder for the elapsed seconds in a line. */
const TIME = '\u0000';

/** A thread that reports what the command is doing while the main thread cannot. */
export interface StandIn {
  /** Sets what the command is doing and for how long already, in ms; null while it may be silent. */
  doing(text: string | null, forMs: number): void;
  heard(): void;
  /** Time since the last output of either thread, ms. */
  silentMs(): number;
}

/**
 * Starts a thread that reports for this one. An embedded database works in the thread that calls it: during a long statement no
 * timer runs there, and only another thread can report that the work goes on.
 */
export function startStandIn({ frame, isStanding }: PassingLine): StandIn {
  const heardMs = new Float64Array(new SharedArrayBuffer(8));
  const heard = () => void (heardMs[0] = clockMs());
  // the silence counts from the start of the process
  heardMs[0] = clockMs() - performance.now();
  const workerData = { heardMs, isStanding, frame, TIME, SILENCE_MS, LOOK_MS };
  const worker = new Worker(SPEAK, { eval: true, workerData, execArgv: [] });
  worker.unref();
  // if the thread fails, the command goes on in silence
  worker.on('error', () => undefined);
  let shared: string | null = null;
  return {
    heard,
    silentMs: () => clockMs() - heardMs[0],
    doing(text, forMs) {
      if (text === shared) return;
      shared = text;
      const line = text === null ? null : passingText(text, TIME);
      worker.postMessage({ line, sinceMs: clockMs() - forMs });
    },
  };
}

/** A clock that all threads of the process share. */
function clockMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** The thread's source, as text: a bundle has no file for it. It bypasses the main thread's streams, which may be blocked. */
const SPEAK = `
const { parentPort, workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { heardMs, isStanding, frame, TIME, SILENCE_MS, LOOK_MS } = workerData;
let work = { line: null, sinceMs: 0 };
parentPort.on('message', (message) => { work = message; });
setInterval(() => {
  const nowMs = Number(process.hrtime.bigint() / 1000000n);
  if (work.line === null || nowMs - heardMs[0] < SILENCE_MS) return;
  const line = work.line.replace(TIME, String(Math.round((nowMs - work.sinceMs) / 1000)));
  try {
    writeSync(2, frame.before + line.slice(0, frame.width) + frame.after);
    if (frame.before !== '') isStanding[0] = 1;
  } catch {
    // a pipe that is full or closed is the main thread's affair
  }
  heardMs[0] = nowMs;
}, LOOK_MS);
`;
