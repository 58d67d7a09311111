/** How old, in hours, the newest daily bar of an asset may be where nobody says otherwise (docs/operations.md#order). */
export const STALENESS_HOURS = 48;
