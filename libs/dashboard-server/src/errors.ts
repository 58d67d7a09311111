import { CodedError } from '@ta/state-store';

/** Codes of {@link DashboardError}; public, never reused. */
export type DashboardErrorCode = 'DASH_NEEDS_TOKEN' | 'DASH_PORT_IN_USE' | 'DASH_NO_PAGE' | 'DASH_LISTEN';

/** A chart page that cannot be served as asked. */
export class DashboardError extends CodedError<DashboardErrorCode> {
  override readonly name = 'DashboardError';
}
