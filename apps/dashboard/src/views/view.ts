import type { Catalogue } from '@ta/dashboard-server/api';
import type { Notices } from './notices.ts';

/** What every view may use. */
export interface World extends Pick<Notices, 'say' | 'fail'> {
  readonly catalogue: Catalogue;
}

/** One of the views. */
export interface View {
  readonly root: HTMLElement;
  /** Shows what the address asks for. */
  show(parameters: URLSearchParams): Promise<void>;
  /** Draws again after the colours have changed. */
  recolour?(): void;
  leave?(): void;
}
