import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '@ta/state-store';
import { storageOf } from '../../../../../libs/pipeline/test/ema-edits.ts';
import { inDatabase } from './postgres-arena.ts';

/** A session of a test that stays open between two steps of it. */
export interface HeldSession {
  readonly session: Session;
  /** Ends the session: what it locked is free again. */
  end(): Promise<void>;
}

/** Opens a session and keeps it. */
export async function holdSession(url: string): Promise<HeldSession> {
  let letGo: () => void = () => undefined;
  const isOver = new Promise<void>((resolve) => (letGo = resolve));
  let closed: Promise<unknown> = Promise.resolve();
  const session = await new Promise<Session>((resolve, reject) => {
    closed = inDatabase(url, async (opened) => {
      resolve(opened);
      await isOver;
    }).catch(reject);
  });
  return {
    session,
    async end() {
      letGo();
      await closed;
    },
  };
}

/** Locks a table against everybody; whoever reads or writes it waits until `end`. */
export async function holdTable(url: string, table: string): Promise<HeldSession> {
  const held = await holdSession(url);
  await held.session.run(`BEGIN; LOCK TABLE ${storageOf(table)} IN ACCESS EXCLUSIVE MODE`);
  return held;
}

/** Waits until so many connections of the command wait for a lock. */
export async function waitUntilBlocked(url: string, least = 1): Promise<void> {
  await inDatabase(url, async (session) => {
    for (;;) {
      const rows = await session.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND application_name LIKE 'ta%'`,
      );
      if (rows.length >= least) return;
      await sleep(50);
    }
  });
}
