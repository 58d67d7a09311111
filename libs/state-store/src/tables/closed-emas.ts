import type { CopyLayout } from '../copy/layout.ts';
import { nullable, required } from './keyed-table.ts';

/** The view of EMAs of closed bars under plain names (docs/which-ema.md). */
export const CLOSED_EMAS: CopyLayout = {
  table: 'closed_emas',
  fields: [
    ...required('int4', 'asset'),
    ...required('text', 'timeframe'),
    ...required('timestamptz', 'closed_at'),
    ...nullable('float8', 'close'),
    ...required('int4', 'period'),
    ...nullable('float8', 'ema'),
  ],
};

/** The columns by which rows of this view are ordered. */
export const CLOSED_EMAS_KEY = ['asset', 'closed_at', 'timeframe', 'period'] as const;
