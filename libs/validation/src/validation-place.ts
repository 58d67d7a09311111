import type { ValidationObserver } from './run-checks.ts';

/** Follows a validation, and gives its current place as text: `B16: cmc_price_bars_multi_tf, 3/50 ids`. */
export class ValidationPlace implements Pick<ValidationObserver, 'checkStarted' | 'assetsDone'> {
  private check = '';
  private assets = '';

  checkStarted({ id }: { readonly id: string }): void {
    [this.check, this.assets] = [id, ''];
  }

  assetsDone(table: string, done: number, total: number): void {
    this.assets = `: ${table}, ${done}/${total} ids`;
  }

  get text(): string {
    return this.check === '' ? 'reading' : `${this.check}${this.assets}`;
  }
}
