import { describe, expect, it } from 'vitest';
import type { Component } from './components.ts';
import { closeComponent, emptyStep, record } from './component-report.ts';
import { noRows, type ComponentReport, type ItemStatus, type RowCounts, type Step } from './run-report.ts';

type Item = readonly [step: Step, id: number, status: ItemStatus, rows?: Partial<RowCounts>];

/** The report of a component with these items over ids 1 and 2. */
function reportOf(
  component: Component,
  items: readonly Item[],
  request: Partial<Parameters<typeof closeComponent>[2]>,
) {
  const steps = [...new Set(items.map(([step]) => step))].map(emptyStep);
  const report: ComponentReport<Component> = { component, status: 'ok', seconds: 0, steps };
  for (const [step, id, status, rows] of items) {
    const times = { startedAtMs: 0, durationMs: 500 };
    const error = status === 'failed' ? new Error(`no ${id}`) : undefined;
    const outcome = { component, step, id, status, rows: { ...noRows(), ...rows }, ...times, notices: [], error };
    record(steps.find((one) => one.step === step) as (typeof steps)[number], outcome);
  }
  closeComponent(report, 2, { limitMs: 60_000, ...request });
  return report;
}

const [WORKED, IDLE]: [Item[], Item[]] = [
  ['1d', 'multi_tf'].map((step) => [step as Step, 1, 'ok'] as const),
  ['1d', 'multi_tf'].map((step) => [step as Step, 2, 'noop'] as const),
];

describe('a step', () => {
  it('is ok where it did something, up to date where it did not, and skipped where it was not run', () => {
    const items: Item[] = [...WORKED, ['1d', 2, 'noop'], ['multi_tf', 2, 'skipped']];
    expect(reportOf('bars', items, {}).steps.map(({ status }) => status)).toEqual(['ok', 'ok']);
    const idle: Item[] = [['1d', 1, 'noop'], ...IDLE];
    expect(reportOf('bars', idle, {}).steps.map(({ status }) => status)).toEqual(['up_to_date', 'up_to_date']);
    expect(reportOf('bars', [['1d', 1, 'skipped']], {}).steps.map(({ status }) => status)).toEqual(['skipped']);
  });

  it('has failed where an id failed, whatever became of the others', () => {
    const report = reportOf('bars', [...WORKED, ['1d', 2, 'failed'], ['multi_tf', 2, 'skipped']], {});
    expect(report.steps.map(({ status, note }) => [status, note])).toEqual([
      ['failed', undefined],
      ['ok', undefined],
    ]);
    expect(report.steps[0]).toMatchObject({ ids: { ok: 1, failed: 1 }, errors: [{ id: 2, message: 'no 2' }] });
    expect(report).toMatchObject({ status: 'failed', note: '1 of 2 IDs failed: [2]' });
  });

  it('has failed by its rejects where they are not allowed: of bars the new ones, of EMAs those refused', () => {
    const items: Item[] = [
      ['multi_tf', 1, 'ok', { rejected: 2, refused: 5 }],
      ['multi_tf', 2, 'ok'],
    ];
    for (const [component, count] of [
      ['bars', 2],
      ['emas', 5],
    ] as const) {
      const strict = reportOf(component, items, { failOnRejects: { bars: true, emas: true } });
      expect(strict.steps[0]).toMatchObject({ status: 'failed', note: `${count} rejects` });
      expect(strict).toMatchObject({ status: 'failed', note: `${count} rejects` });
      const lenient = reportOf(component, items, {});
      expect([lenient.status, lenient.steps[0]?.status]).toEqual(['ok', 'ok']);
    }
  });
});

describe('a component', () => {
  it('is ended by its time limit only where ids are left', () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    const timedOut = { status: 'failed', isTimedOut: true, note: 'Timed out after 60s' };
    expect(reportOf('bars', WORKED, { signal })).toMatchObject(timedOut);
    expect(reportOf('bars', [...WORKED, ...IDLE], { signal })).toMatchObject({ status: 'failed', note: 'interrupted' });
  });
});
