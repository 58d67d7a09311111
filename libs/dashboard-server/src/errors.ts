/** Codes of {@link DashboardError}; public, never reused. */
export type DashboardErrorCode = 'DASH_NEEDS_TOKEN' | 'DASH_PORT_IN_USE' | 'DASH_NO_PAGE' | 'DASH_LISTEN';

/** A chart page that cannot be served as asked. */
export class DashboardError extends Error {
  override readonly name = 'DashboardError';
  readonly code: DashboardErrorCode;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(code: DashboardErrorCode, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }
}
