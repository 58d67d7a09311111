import fc from 'fast-check';
import { BUILDERS, REFRESHERS, type Builder, type Refresher } from '@ta/pipeline';
import type { Fault } from '../intercepted-database.ts';
import { ASSETS, sourceEdit, type Asset, type SourceEdit } from './edit.ts';

/** How a refresh is asked for. Only after a `full` run must everything be equal to a full build. */
export type Run =
  | { readonly run: 'full'; readonly concurrency: number; readonly lookbackDays: number }
  /** Breaks at a call of the database. */
  | { readonly run: 'broken'; readonly fault: Fault; readonly at: number; readonly continueOnError: boolean }
  /** The source changes at a call of the database, from another connection. */
  | { readonly run: 'disturbed'; readonly at: number; readonly by: SourceEdit }
  /** Some builders, some refreshers, some assets; in another zone some of them may fail. */
  | {
      readonly run: 'partial';
      readonly builders: readonly Builder[];
      readonly refreshers: readonly Refresher[];
      readonly assets: readonly Asset[];
      readonly zone: string | null;
    }
  /** EMAs of certain days only, or everything from the first row with EMAs until a day. */
  | {
      readonly run: 'days';
      readonly firstDay?: string;
      readonly lastDay?: string;
      readonly fullRebuild: boolean;
    }
  /** Everything of one asset from its first row. */
  | { readonly run: 'rebuild'; readonly asset: Asset }
  /** Fails on changes behind the watermark, or leaves them alone; what else fails is of no interest. */
  | { readonly run: 'cautious'; readonly onBackfill: 'fail' | 'warn' };

/** A run that must leave everything equal to a full build. */
export const fullRun: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('full' as const),
  concurrency: fc.constantFrom(1, 3),
  lookbackDays: fc.constantFrom(3, 3, 0, 30),
});

const broken: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('broken' as const),
  fault: fc.constantFrom<Fault[]>('statement', 'connection', 'mid_copy', 'commit'),
  at: fc.integer({ min: 1, max: 260 }),
  continueOnError: fc.boolean(),
});

const partial: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('partial' as const),
  builders: fc.oneof(fc.constant(['1d'] as Builder[]), fc.subarray([...BUILDERS])),
  refreshers: fc.subarray([...REFRESHERS]),
  assets: fc.subarray([...ASSETS], { minLength: 1 }),
  zone: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom('Asia/Tokyo') }),
});

const days: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('days' as const),
  firstDay: fc.constantFrom(undefined, undefined, '2023-12-21'),
  lastDay: fc.constantFrom('2023-12-20', '2023-12-25', '2024-01-10', undefined),
  fullRebuild: fc.boolean(),
});

const rebuild: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('rebuild' as const),
  asset: fc.constantFrom(...ASSETS),
});
const cautious: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('cautious' as const),
  onBackfill: fc.constantFrom('fail' as const, 'warn' as const),
});

const disturbed: fc.Arbitrary<Run> = fc.record({
  run: fc.constant('disturbed' as const),
  at: fc.integer({ min: 1, max: 260 }),
  by: sourceEdit,
});

/**
 * Every run.
 * @param hasConnections whether the source can change while a refresh runs: not on PGlite, which has one connection
 */
export function anyRun(hasConnections: boolean): fc.Arbitrary<Run> {
  return fc.oneof(
    { weight: 6, arbitrary: fullRun },
    { weight: 3, arbitrary: broken },
    { weight: hasConnections ? 3 : 0, arbitrary: disturbed },
    { weight: 3, arbitrary: partial },
    { weight: 1, arbitrary: days },
    { weight: 1, arbitrary: rebuild },
    { weight: 1, arbitrary: cautious },
  );
}
