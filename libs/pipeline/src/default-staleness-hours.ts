/** Default of the maximum age, in hours, of the newest daily bar of an asset (docs/operations.md#order). */
export const STALENESS_HOURS = 48;
