import { passingText } from './passing-line.ts';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { StandIn } from './stand-in.ts';
import type { Doing, Surroundings } from './surroundings.ts';

/** Silence after which a command reports what it is doing, and the time between two checks; the sum is below the promised 3 s. */
const SILENCE_MS = 2_500;
const LOOK_MS = 250;
/** Silence after which the thread of stand-in.ts is started, which reports while this one is busy; most commands end before. */
const STAND_IN_AFTER_MS = 1_000;
/** Channel on which an embedded database announces its file accesses: while it blocks the event loop no timer runs. */
const FILES = 'ta.file';

/** The phases of every command with a database, in words. */
export const AT = { opening: 'Opening the database', reading: 'Reading', closing: 'Closing the database' } as const;

/** Surroundings that are watched for silence. */
export interface Watched {
  /** Any output through them ends the silence. */
  readonly around: Surroundings;
  /** Sets what the command is doing outside of `during`. */
  begin(what: string): void;
  stop(): void;
}

/** Watches the output, and reports what the command is doing, and for how long, whenever nothing was printed for almost 3 s. */
export function watchSilence(surroundings: Surroundings): Watched {
  let work: { readonly what: Doing; readonly sinceMs: number } = { what: null, sinceMs: 0 };
  let heardMs = surroundings.monotonic();
  let lookedMs = heardMs;
  let standIn: StandIn | undefined;

  const heard = () => {
    heardMs = surroundings.monotonic();
    standIn?.heard();
  };
  const share = (): string | null => {
    const text = typeof work.what === 'function' ? work.what() : work.what;
    standIn?.doing(text === null ? null : surroundings.redact(text), surroundings.monotonic() - work.sinceMs);
    return text;
  };
  const look = () => {
    const nowMs = surroundings.monotonic();
    lookedMs = nowMs;
    const silentMs = Math.min(nowMs - heardMs, standIn?.silentMs() ?? Infinity);
    if (silentMs < STAND_IN_AFTER_MS && standIn === undefined) return;
    if (work.what !== null) standIn ??= surroundings.standIn();
    const text = share();
    if (text === null || silentMs < SILENCE_MS) return;
    surroundings.passing(passingText(text, Math.round((nowMs - work.sinceMs) / 1000)));
    heard();
  };
  const lookInPassing = () => {
    if (surroundings.monotonic() - lookedMs >= LOOK_MS) look();
  };
  const turnTo = (next: typeof work) => {
    work = next;
    share();
  };
  const during = async <T>(what: Doing, working: () => Promise<T>): Promise<T> => {
    const before = work;
    if (what !== null) look();
    turnTo({ what, sinceMs: surroundings.monotonic() });
    try {
      return await working();
    } finally {
      look();
      turnTo(before);
    }
  };
  const aloud =
    (say: (text: string) => void) =>
    (text: string): void => {
      say(text);
      heard();
    };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  subscribe(FILES, lookInPassing);
  return {
    around: {
      ...surroundings,
      write: aloud(surroundings.write),
      data: aloud(surroundings.data),
      print: aloud(surroundings.print),
      warn: aloud(surroundings.warn),
      passing: aloud(surroundings.passing),
      during,
      look,
    },
    begin: (what) => void (work = { what, sinceMs: surroundings.monotonic() }),
    stop() {
      clearInterval(timer);
      unsubscribe(FILES, lookInPassing);
      work = { what: null, sinceMs: 0 };
      share();
      surroundings.passing('');
    },
  };
}

/** The line that reports which command this one waits for, for how long already, and for how long at most. */
export function waitingLine({ who, waitedMs, mostMs }: { who: string; waitedMs: number; mostMs: number }): string {
  return `[INFO] ${who}; waiting for it, ${Math.round(waitedMs / 1000)} s of at most ${Math.ceil(mostMs / 1000)} s`;
}
