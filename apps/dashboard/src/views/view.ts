import type { Catalogue } from '@ta/dashboard-server/api';

/** What every view may use. */
export interface World {
  readonly catalogue: Catalogue;
  /** Shows a message about what went wrong; null removes it. */
  say(text: string | null): void;
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
