import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInside, type Ended } from '../../kit/run-inside.ts';
import type { Place } from './arena.ts';
import { REFRESH } from './small-world.ts';

/** A run of the command in this process. */
export interface RunHere {
  readonly ended: Promise<Ended>;
  /** Waits until it has printed a line that matches, or has ended. */
  said(pattern: RegExp): Promise<unknown>;
}

let earlier: Promise<unknown> = Promise.resolve();

/**
 * Runs `ta` in this process, which takes a third of the time of one of its own: where signals, the death of a process and its
 * clock are not the point. One after the other, since the exit code is that of this process.
 */
export function startHere(args: readonly string[], env: Readonly<Record<string, string>>): RunHere {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const onLine = (line: string) => {
    lines.push(line);
    for (const listener of listeners) listener();
  };
  const inside = { root: path.join(tmpdir(), 'ta-test-home'), env, onLine, onWarning: onLine };
  const ended = earlier.then(() => runInside(args, inside));
  earlier = ended.catch(() => undefined);
  return {
    ended,
    said: (pattern) => {
      const isSaid = new Promise<void>((resolve) => {
        const look = () => void (lines.some((line) => pattern.test(line)) && resolve());
        listeners.add(look);
        look();
      });
      return Promise.race([isSaid, ended]);
    },
  };
}

/** Runs `ta` in this process to its end. */
export function runHere(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return startHere(args, env).ended;
}

/** Refreshes a place in this process. */
export function refreshHere(place: Place, env = place.env, ...more: readonly string[]): Promise<Ended> {
  return runHere([...REFRESH, ...more, ...place.args], env);
}
