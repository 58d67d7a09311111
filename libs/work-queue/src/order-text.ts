import type { ItemOrder } from '@ta/pipeline';

/** Changes when an older worker could not read what a newer caller writes. */
export const ORDER_FORMAT = 1;

/** What the items of a component have in common, as it lies in the queue: everything but where the database is. */
export interface OrderText {
  readonly format: number;
  readonly runId: string;
  /** Time limit of the component, counted from when the order was written; null for no limit. */
  readonly limitMs: number | null;
  readonly order: Omit<ItemOrder, 'emaTables'> & { readonly emaTables: readonly string[] | null };
}

/** The order as plain data. Timeframes and settings are plain already. */
export function orderText(order: ItemOrder, limitMs: number | null): OrderText {
  const { component, builders, refreshers, settings, continueOnError, emaTables } = order;
  const tables = emaTables === undefined ? null : [...emaTables];
  const plain = { component, builders, refreshers, settings, continueOnError, emaTables: tables };
  return { format: ORDER_FORMAT, runId: settings.runId, limitMs, order: plain };
}

/** The order that a caller wrote. */
export function orderOf({ order }: OrderText): ItemOrder {
  const { emaTables, ...rest } = order;
  return { ...rest, emaTables: emaTables === null ? undefined : (new Set(emaTables) as ItemOrder['emaTables']) };
}

/** Reads an order from the queue; null where this version cannot read it. */
export function readableOrder(data: unknown): OrderText | null {
  const text = data as OrderText | null;
  if (text?.format !== ORDER_FORMAT || typeof text.runId !== 'string') return null;
  const { component, builders, refreshers, settings, emaTables } = (text.order ?? {}) as Partial<OrderText['order']>;
  const isWork = component === 'bars' || component === 'emas';
  const hasLists =
    Array.isArray(builders) && Array.isArray(refreshers) && (emaTables === null || Array.isArray(emaTables));
  return isWork && hasLists && typeof settings === 'object' && settings !== null ? text : null;
}

/** One item as it lies in the queue. */
export interface ItemText {
  /** Job id of its order. */
  readonly order: string;
  readonly id: number;
}

/** Reads an item from the queue; null for anything else. */
export function readableItem(data: unknown): ItemText | null {
  const { order, id } = (data ?? {}) as Partial<ItemText>;
  return typeof order === 'string' && Number.isInteger(id) ? { order, id: id as number } : null;
}
