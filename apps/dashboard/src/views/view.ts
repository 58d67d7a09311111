import type { Catalogue } from '@ta/dashboard-server/api';

/** What every view may use. */
export interface World {
  readonly catalogue: Catalogue;
  /** Says what went wrong, or that nothing does any more. */
  say(text: string | null): void;
}

/** One of the views. */
export interface View {
  readonly root: HTMLElement;
  /** Shows what the address asks for. */
  show(parameters: URLSearchParams): Promise<void>;
  /** Colours have changed. */
  recolour?(): void;
  leave?(): void;
}
