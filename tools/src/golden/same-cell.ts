import { kindOf } from './golden-columns.ts';
import type { Cell, Row } from './rows.ts';

/** Largest relative difference of an EMA value, and of a derivative relative to its EMA (docs/golden.md#how-it-runs). */
const EMA_TOLERANCE = 1e-12;

/** Whether two cells are equal, within the tolerance of their kind, or different. */
export type CellVerdict = 'equal' | 'close' | 'different';

/** Compares a cell of ours with the reference's; `row` gives the EMA by which the difference of a derivative is scaled. */
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
