import { StoreError } from '@ta/state-store';
import { describe, expect, it } from 'vitest';
import { outcomesOf, outcomesText } from './outcome-text.ts';

const outcome = {
  ...{ component: 'bars' as const, step: '1d' as const, id: 7, status: 'failed' as const, durationMs: 20 },
  rows: { read: 1, written: 2, deleted: 3, rejected: 4, repaired: 5, refused: 6, clamped: 7, gaps: 8 },
  notices: [{ level: 'warning' as const, event: 'backfill_detected', text: 'of hunter2' }],
};
const redact = (text: string) => text.replaceAll('hunter2', '***');

describe('outcomes on their way', () => {
  it('come back as they were, on the clock of the caller', () => {
    const text = outcomesText('w', [{ ...outcome, startedAtMs: 900 }], 1_000, (text) => text);
    expect(outcomesOf(JSON.parse(JSON.stringify(text)) as typeof text, 50_000)).toEqual([
      { ...outcome, startedAtMs: 49_900 },
    ]);
  });

  it('keep name, code and hint of an error, and no secret', () => {
    const error = new StoreError('STORE_PERMISSION', 'password hunter2', { hint: 'not hunter2', sqlstate: '42501' });
    const text = outcomesText('w', [{ ...outcome, startedAtMs: 0, error }], 0, redact);
    expect(JSON.stringify(text)).not.toContain('hunter2');
    const [back] = outcomesOf(JSON.parse(JSON.stringify(text)) as typeof text, 0);
    expect(back?.error).toMatchObject({
      ...{ name: 'StoreError', code: 'STORE_PERMISSION', sqlstate: '42501' },
      ...{ message: 'password ***', hint: 'not ***' },
    });
  });
});
