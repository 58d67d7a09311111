import { ImportError } from './errors.ts';
import type { AssetRecord } from './price-sink.ts';

/** What a file says about its asset; null where it says nothing. */
export interface FileAsset {
  name: string | null;
  symbol: string | null;
}

const LARGEST_ID = 2_147_483_647;
const LONGEST_NAME = 200;

/** Name of an asset whose name is not known: `asset 1234`. */
export function placeholderName(id: number): string {
  return `asset ${id}`;
}

/**
 * What the `name` column of a file says about the asset. The CoinMarketCap export puts the id of the quote currency
 * there (2781 is US dollar), which names no asset.
 */
export function assetNameOf(cell: string): string | null {
  return cell === '' || /^[0-9]+$/.test(cell) ? null : cell;
}

/** @throws ImportError `IMPORT_BAD_OPTION` unless the id is a positive 32-bit integer */
export function assertAssetId(id: number): void {
  if (!Number.isInteger(id) || id < 1 || id > LARGEST_ID) {
    throw new ImportError('IMPORT_BAD_OPTION', `id is ${id}; expected an integer from 1 to ${LARGEST_ID}`, {
      context: { id },
    });
  }
}

/** @throws ImportError `IMPORT_BAD_OPTION` unless the name is 1 to 200 printable characters without outer blanks */
export function assertAssetName(name: string): void {
  if (!isUsableName(name)) {
    throw new ImportError(
      'IMPORT_BAD_OPTION',
      `name is ${JSON.stringify(name.slice(0, 40))}; expected 1 to ${LONGEST_NAME} printable characters`,
      { context: { name } },
    );
  }
}

/** Whether a text can be stored as an asset's name or symbol. */
export function isUsableName(name: string): boolean {
  return name !== '' && name === name.trim() && name.length <= LONGEST_NAME && !/[\p{Cc}\p{Cs}]/u.test(name);
}

/**
 * Decides the asset row an import writes: its name is the stored one (unless that is only `asset <id>`), else the given one, else
 * the file's, else `asset <id>`. A stored symbol stays. `assertSameAsset` has checked before that the file is about the stored
 * asset.
 *
 * @param id asset id
 * @param given the operator's `--name`, or null
 * @param file what the file says
 * @param stored the row of `dim_assets`, or null
 * @param isCloseOnly whether the file's days were made of closes alone
 */
export function resolveAsset(
  id: number,
  given: string | null,
  file: FileAsset,
  stored: AssetRecord | null,
  isCloseOnly: boolean,
): AssetRecord {
  const own = stored === null || stored.name === placeholderName(id) ? null : stored.name;
  const name = own ?? given ?? file.name ?? placeholderName(id);
  const symbol = stored?.symbol ?? file.symbol;
  return { id, name, symbol, isCloseOnly: (stored?.isCloseOnly ?? false) || isCloseOnly };
}
