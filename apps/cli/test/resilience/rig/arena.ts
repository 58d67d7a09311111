import type { Session } from '@ta/state-store';
import type { Content } from './content.ts';
import type { Scenario } from './small-world.ts';

/** A database of its own, brought to the start of a scenario. */
export interface Place {
  /** Environment that leads the command to it, and arguments that every run there gets. */
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Looks into the database; on PGlite only while no command runs. */
  inspect<T>(look: (session: Session) => Promise<T>): Promise<T>;
  /** Looks at what a run left behind; on PGlite at a copy, so that what the next run must recover is still to be recovered. */
  inspectAsLeft<T>(look: (session: Session) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

/** Where runs are disturbed: makes as many equal places as needed. */
export interface Arena {
  readonly engine: 'postgres' | 'pglite';
  /** What an undisturbed run leaves behind. */
  readonly undisturbed: Content;
  /** What is torn before any run: a state row that an operator deleted is missed until its id is refreshed. */
  readonly planted: Readonly<Record<Scenario, readonly string[]>>;
  /** Seconds from the first word of an undisturbed run to its end; 0 for scenarios that were not prepared. */
  readonly busySeconds: Readonly<Record<Scenario, number>>;
  /** Commits that an undisturbed run reports; 0 for scenarios that were not prepared. */
  readonly commits: Readonly<Record<Scenario, number>>;
  place(scenario: Scenario): Promise<Place>;
  close(): Promise<void>;
}
