import { kindOf } from './golden-columns.ts';
import type { Cell, Row } from './rows.ts';

/** Largest relative difference of an EMA value, and of a derivative relative to its EMA (docs/golden.md#how-it-runs). */
const EMA_TOLERANCE = 1e-12;

/** How a cell compares: bit for bit, within the tolerance of its kind, or not at all. */
export type CellVerdict = 'equal' | 'close' | 'different';

/** Compares a cell of ours with what the reference has; `row` gives the EMA that a derivative is measured against. */
export function compareCell(column: string, ours: Cell, reference: Cell, row: Row): CellVerdict {
  if (ours === reference || (isUnknown(ours) && isUnknown(reference))) return 'equal';
  if (typeof ours !== 'number' || typeof reference !== 'number') return 'different';
  const kind = kindOf(column);
  if (kind !== 'ema' && kind !== 'derivative') return 'different';
  const scale = Math.abs(kind === 'ema' ? reference : row.number(column.endsWith('_bar') ? 'ema_bar' : 'ema'));
  return Math.abs(ours - reference) <= EMA_TOLERANCE * scale ? 'close' : 'different';
}

function isUnknown(cell: Cell): boolean {
  return cell === null || Number.isNaN(cell);
}
