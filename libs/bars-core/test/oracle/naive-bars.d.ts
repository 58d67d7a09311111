import type { Timeframe } from '../../src/engine.ts';
import type { PlainRow } from '../fixtures/plain-row.ts';
import type { PlainSnapshot } from '../fixtures/plain-snapshot.ts';
/**
 * A second implementation of bars.md 2 and 3.2, made to be obviously right and not fast.
 *
 * Each snapshot is worked out anew from the list of rows of its window up to that day; windows are found by stepping from
 * one to the next with the platform's calendar. It shares nothing with the library but types.
 */
export declare function naiveSnapshots(rows: readonly PlainRow[], timeframe: Timeframe): PlainSnapshot[];
//# sourceMappingURL=naive-bars.d.ts.map