import { describe, expect, it } from 'vitest';
import { summaryBlock } from './summary.ts';

// The example of the operations guide, section "Summary Metrics".
const GUIDE = `======================================================================
DAILY REFRESH SUMMARY
======================================================================

Total components: 2
Successful: 2
Failed: 0
Total time: 45.3s

[OK] Successful components:
  - bars: 28.5s
  - emas: 16.8s

======================================================================

[OK] All components completed successfully!`;

describe('summary block', () => {
  it('is the block of the guide, byte for byte', () => {
    const parts = [
      { name: 'bars', status: 'ok', seconds: 28.5 },
      { name: 'emas', status: 'ok', seconds: 16.8 },
    ] as const;
    expect(summaryBlock('DAILY REFRESH SUMMARY', 'component', parts)).toBe(GUIDE);
  });

  it('adds unrounded durations and lists a failure apart from the successes', () => {
    const block = summaryBlock('DAILY REFRESH SUMMARY', 'component', [
      { name: 'bars', status: 'ok', seconds: 1.04 },
      { name: 'emas', status: 'failed', seconds: 3.04, note: '2 of 10 IDs failed: [52, 825]' },
    ]);
    expect(block).toContain('Total time: 4.1s');
    expect(block).toContain(
      '  - bars: 1.0s\n\n[FAILED] Failed components:\n  - emas: 3.0s (2 of 10 IDs failed: [52, 825])\n\n=====',
    );
    expect(block.endsWith('[WARNING] 1 component(s) failed!')).toBe(true);
  });

  it('does not count what never started', () => {
    const block = summaryBlock('DAILY REFRESH SUMMARY', 'component', [
      { name: 'bars', status: 'failed', seconds: 2, note: 'boom' },
      { name: 'emas', status: 'skipped', seconds: 0, note: 'bars failed' },
    ]);
    expect(block).toContain('Total components: 1');
    expect(block).not.toContain('[OK]');
    expect(block).toContain('[SKIPPED] Skipped components:\n  - emas (bars failed)');
  });
});
