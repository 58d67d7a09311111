/** The default maximum age, in hours, of the newest daily bar of an asset (docs/operations.md#order). */
export const DEFAULT_STALENESS_HOURS = 48;
