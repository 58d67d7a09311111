import type { RunReport, StepReport } from '@ta/pipeline';
import { describe, expect, it } from 'vitest';
import { openRunTally } from '../run-tally.ts';
import { metricsBlock } from './metrics.ts';

const rows = { read: 0, written: 0, deleted: 0, rejected: 0, repaired: 0, refused: 0, clamped: 0, gaps: 0 };

describe('the metrics of a run', () => {
  it('call no id up to date that the run did not reach', () => {
    const ids = { ok: 0, upToDate: 0, failed: 0, skipped: 2 };
    const step = { step: '1d', status: 'skipped', busySeconds: 0, ids, rows, errors: [] } as const;
    const report: RunReport = {
      ...{ runId: 'r', ids: [1, 2], staleIds: [], failedIds: [] },
      components: [
        {
          component: 'bars',
          status: 'failed',
          seconds: 1,
          note: 'Timed out after 1s',
          isTimedOut: true,
          steps: [{ ...step, errors: [] }],
        },
      ],
    };
    expect(metricsBlock(report, openRunTally())).toContain('ids 2, up to date 0, stale 0');
    expect(metricsBlock(report, openRunTally())).toMatch(/\[TIMEOUT\] 1d: 0 rows written$/m);
  });

  it('tell the time of each step that had work', () => {
    const ids = { ok: 1, upToDate: 0, failed: 0, skipped: 0 };
    const steps: StepReport[] = [
      { step: '1d', status: 'ok', ids, busySeconds: 2.345, rows: { ...rows, written: 7 }, errors: [] },
      { step: 'multi_tf', status: 'up_to_date', ids, busySeconds: 0.01, rows, errors: [] },
    ];
    const report: RunReport = {
      ...{ runId: 'r', ids: [1], staleIds: [], failedIds: [] },
      components: [{ component: 'bars', status: 'ok', seconds: 3, steps }],
    };
    expect(metricsBlock(report, openRunTally())).toContain(
      '    [OK] 1d: 7 rows written, 2.3s\n    [OK] multi_tf: up to date',
    );
  });
});
