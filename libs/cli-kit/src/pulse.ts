import { passingText } from './passing-line.ts';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { StandIn } from './stand-in.ts';
import type { Doing, Surroundings } from './surroundings.ts';

/** Silence after which a command says what it is at, and the time between two looks: together below the 3 s that are promised. */
const SILENCE_MS = 2_500;
const LOOK_MS = 250;
/** Silence after which a thread is started that can speak when this one cannot: most commands are over before. */
const STAND_IN_AFTER_MS = 1_000;
/** Where an embedded database says that it reads or writes a file: with the event loop kept busy there is no other chance to speak. */
const FILES = 'ta.file';

/** What every command with a database is at. */
export const AT = { opening: 'Opening the database', reading: 'Reading', closing: 'Closing the database' } as const;

/** Surroundings whose silence is watched. */
export interface Watched {
  /** What is said to them ends the silence. */
  readonly around: Surroundings;
  /** What the command is at as long as it does not say so itself. */
  begin(what: string): void;
  stop(): void;
}

/** Watches what is said, and says what the command is at, and for how long, whenever nothing was heard for almost 3 s. */
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

/** Says on whom a command waits, and for how long it will. */
export function waitingLine({ who, waitedMs, mostMs }: { who: string; waitedMs: number; mostMs: number }): string {
  return `[INFO] ${who}; waiting for it, ${Math.round(waitedMs / 1000)} s of at most ${Math.ceil(mostMs / 1000)} s`;
}
