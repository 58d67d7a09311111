import type { EmaVariant } from '@ta/ema-core/engine';
import type { EmaTable } from '@ta/state-store';

/** Which kernel fills an EMA table (docs/emas.md#families). */
export const EMA_VARIANTS: Readonly<Record<EmaTable, EmaVariant>> = {
  multi_tf: 'multi_tf',
  multi_tf_cal_us: 'cal',
  multi_tf_cal_iso: 'cal',
  multi_tf_cal_anchor_us: 'cal_anchor',
  multi_tf_cal_anchor_iso: 'cal_anchor',
  multi_tf_v2: 'v2',
};
