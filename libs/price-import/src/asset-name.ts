import { ImportError } from './errors.ts';
import type { AssetRecord } from './price-sink.ts';

/** What a file says about its asset; null where it says nothing. */
export interface FileAsset {
  name: string | null;
  symbol: string | null;
}

const LARGEST_ID = 2_147_483_647;
const LONGEST_NAME = 200;

/** Name of an asset nobody has named: `asset 1234`. */
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
 * Decides the asset row an import writes: the given name, else the file's name, else the stored one, else
 * `asset <id>`. A symbol is only ever filled in.
 *
 * A file that names its asset is not written over another asset: prices of Cardano under the id of Bitcoin would
 * destroy Bitcoin's history. A placeholder name is no other asset; a difference in case keeps the stored spelling.
 *
 * @param id asset id
 * @param given the operator's `--name`, or null
 * @param file what the file says
 * @param stored the row of `dim_assets`, or null
 * @throws ImportError `IMPORT_OTHER_ASSET` when file and stored row name different assets and no name is given
 */
export function resolveAsset(
  id: number,
  given: string | null,
  file: FileAsset,
  stored: AssetRecord | null,
): AssetRecord {
  const symbol = stored?.symbol ?? file.symbol;
  if (given !== null) return { id, name: given, symbol };
  const isNamed = stored !== null && stored.name !== placeholderName(id);
  if (file.name === null) return { id, name: stored?.name ?? placeholderName(id), symbol };
  if (!isNamed) return { id, name: file.name, symbol };
  if (stored.name.toLowerCase() !== file.name.toLowerCase()) {
    throw new ImportError(
      'IMPORT_OTHER_ASSET',
      `the file holds prices of ${JSON.stringify(file.name)}, but asset ${id} is ${JSON.stringify(stored.name)}`,
      {
        hint: 'Check --id; if the id is right, say so with --name.',
        context: { id, fileName: file.name, storedName: stored.name },
      },
    );
  }
  return { id, name: stored.name, symbol };
}
