import type { ComponentRequest } from '@ta/pipeline';

/** This number changes when older workers cannot read what newer callers write. */
export const REQUEST_FORMAT = 1;

/**
 * What the items of a component have in common, as stored in the queue: everything but the address of the database. The name of
 * the key `order`, here and in the items, is part of the format.
 */
export interface RequestText {
  readonly format: number;
  readonly runId: string;
  /** Time limit of the component, counted from when the request was written; null for no limit. */
  readonly limitMs: number | null;
  readonly order: Omit<ComponentRequest, 'emaTables'> & { readonly emaTables: readonly string[] | null };
}

/** The request as plain data. Timeframes and settings are plain already. */
export function requestText(request: ComponentRequest, limitMs: number | null): RequestText {
  const { component, builders, refreshers, settings, continueOnError, emaTables } = request;
  const tables = emaTables === undefined ? null : [...emaTables];
  const plain = { component, builders, refreshers, settings, continueOnError, emaTables: tables };
  return { format: REQUEST_FORMAT, runId: settings.runId, limitMs, order: plain };
}

/** The request that a caller wrote. */
export function requestOf({ order }: RequestText): ComponentRequest {
  const { emaTables, ...rest } = order;
  return { ...rest, emaTables: emaTables === null ? undefined : (new Set(emaTables) as ComponentRequest['emaTables']) };
}

/** Reads a request from the queue; null where this version cannot read it. */
export function readableRequest(data: unknown): RequestText | null {
  const text = data as RequestText | null;
  if (text?.format !== REQUEST_FORMAT || typeof text.runId !== 'string') return null;
  const { component, builders, refreshers, settings, emaTables } = (text.order ?? {}) as Partial<RequestText['order']>;
  const isWork = component === 'bars' || component === 'emas';
  const hasLists =
    Array.isArray(builders) && Array.isArray(refreshers) && (emaTables === null || Array.isArray(emaTables));
  return isWork && hasLists && typeof settings === 'object' && settings !== null ? text : null;
}

/** One item as stored in the queue. */
export interface ItemText {
  /** Job id of its request. */
  readonly order: string;
  readonly id: number;
}

/** Reads an item from the queue; null for anything else. */
export function readableItem(data: unknown): ItemText | null {
  const { order, id } = (data ?? {}) as Partial<ItemText>;
  return typeof order === 'string' && Number.isInteger(id) ? { order, id: id as number } : null;
}
