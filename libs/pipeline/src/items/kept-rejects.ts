/** Rejects of an id and table that one run stores; further ones are only counted (docs/emas.md#checks-of-values). */
export const KEPT_REJECTS = 1_000;

/** The first {@link KEPT_REJECTS} of some rejects, and how many there were. */
export class KeptRejects<Reject> {
  readonly kept: Reject[] = [];
  count = 0;

  add(reject: Reject): void {
    this.count++;
    if (this.kept.length < KEPT_REJECTS) this.kept.push(reject);
  }

  /** How many were counted and not kept. */
  get left(): number {
    return this.count - this.kept.length;
  }
}
