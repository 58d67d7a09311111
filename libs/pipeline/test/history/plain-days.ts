import type { Edit } from './edit.ts';

/** One more day after another, with nothing odd about them. */
export function plainDays(asset: 0 | 1, count: number): Edit {
  return {
    edit: 'append',
    asset,
    rows: Array.from({ length: count }, (_, i) => ({
      ...{ afterDays: 1, closesAt: 'end' as const, shape: 'plain' as const },
      ...{ open: 70, close: 60 + ((i * 5) % 13), reach: 1 },
    })),
  };
}
