import type { Found } from './finding.ts';

/** Most findings of one asset in one table that are kept: a table that is wrong from end to end must not fill the memory. */
const MOST_NAMED = 10_000;

/** What a pass over the rows of an asset finds: the first findings are kept, the rest is counted. */
export class FoundList {
  private readonly named: Found[] = [];
  private unnamed = 0;

  constructor(
    private readonly table: string,
    private readonly id: number,
  ) {}

  push(...found: readonly Found[]): void {
    for (const each of found) {
      if (this.named.length < MOST_NAMED) this.named.push(each);
      else this.unnamed++;
    }
  }

  /** The kept findings and, if there are more, another one with the number of these. */
  all(): readonly Found[] {
    if (this.unnamed === 0) return this.named;
    const { table, id, unnamed } = this;
    const message = `id ${id}: ${unnamed} more rows that differ, besides the ${MOST_NAMED} named`;
    return [...this.named, { table, id, actual: unnamed, message, detail: { kind: 'more', rows: unnamed } }];
  }
}
