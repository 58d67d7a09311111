/** How old, in hours, the newest daily bar of an asset may be where nobody says otherwise (operations.md 2.2). */
export const STALENESS_HOURS = 48;
