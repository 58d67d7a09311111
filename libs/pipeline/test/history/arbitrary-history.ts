import fc from 'fast-check';
import type { DatabaseEngine } from '@ta/state-store';
import { anyEdit } from './edit.ts';
import type { History } from './play-history.ts';
import { anyRun, fullRun } from './run.ts';

/** How large histories get. */
export interface HistorySize {
  /** Most runs of a history; one or two more follow. */
  readonly runs: number;
  /** How many real price files there are. */
  readonly realFiles: number;
  /** Most days that are taken from one of them. */
  readonly realDays?: number;
}

/** Histories in which every run is whole and undisturbed: what happens to the source and to the settings between runs. */
export function editedHistory({ runs, realFiles, realDays = 90 }: HistorySize): fc.Arbitrary<History> {
  const edits = fc.array(anyEdit(realFiles, realDays), { minLength: 1, maxLength: 4 });
  return fc.array(fc.record({ edits, run: fullRun }), { minLength: 1, maxLength: runs });
}

/** Histories with all kinds of runs: broken, disturbed, of a part only. */
export function disturbedHistory(size: HistorySize, engine: DatabaseEngine): fc.Arbitrary<History> {
  const { runs, realFiles, realDays = 90 } = size;
  const edits = fc.array(anyEdit(realFiles, realDays), { maxLength: 3 });
  return fc.array(fc.record({ edits, run: anyRun(engine === 'postgres') }), { minLength: 2, maxLength: runs });
}
