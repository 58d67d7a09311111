/** The maximum age, in hours, of the newest daily bar of an asset where no other is asked for (docs/operations.md#order). */
export const DEFAULT_STALENESS_HOURS = 48;
