import type { ItemOutcome, RefreshObserver } from '@ta/pipeline';

/** Facts about single items that the report of a run does not contain. */
export interface RunTally {
  /** The five items that took longest, longest first. */
  slowest(): readonly Pick<ItemOutcome, 'component' | 'step' | 'id' | 'durationMs'>[];
  /** Ids without a row in the source. */
  readonly noSourceIds: ReadonlySet<number>;
  /** Ids whose history changed behind the watermark. */
  readonly backfillIds: ReadonlySet<number>;
  readonly observer: RefreshObserver;
}

const SHOWN = 5;

/** Collects these facts during a run. */
export function openRunTally(): RunTally {
  let slowest: ItemOutcome[] = [];
  const noSourceIds = new Set<number>();
  const backfillIds = new Set<number>();
  return {
    slowest: () => slowest,
    noSourceIds,
    backfillIds,
    observer: {
      itemFinished(outcome) {
        if (outcome.status === 'no_source') noSourceIds.add(outcome.id);
        if (outcome.durationMs <= (slowest[SHOWN - 1]?.durationMs ?? 0)) return;
        slowest = [...slowest, outcome].sort((a, b) => b.durationMs - a.durationMs).slice(0, SHOWN);
      },
      notice({ event }, ids) {
        if (event === 'backfill_detected') for (const id of ids) backfillIds.add(id);
      },
    },
  };
}
