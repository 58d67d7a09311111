import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ImportError } from './errors.ts';

/**
 * The bytes of the one file inside a ZIP archive, unpacked while streaming; folders, hidden files and `__MACOSX` do not count.
 *
 * @throws ImportError `IMPORT_ARCHIVE` when the archive holds no file, several files or a workbook, or is damaged
 */
export async function* zippedFile(path: string, fileName: string): AsyncGenerator<Uint8Array> {
  let archive: ZipFile | null = null;
  try {
    archive = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
    const entry = onlyFile(await entriesOf(archive), fileName);
    let checksum = 0;
    for await (const chunk of await archive.openReadStreamPromise(entry)) {
      checksum = crc32(chunk as Uint8Array, checksum);
      yield chunk as Uint8Array;
    }
    if (checksum !== entry.crc32) throw new Error('the checksum is wrong');
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EACCES') throw error;
    throw new ImportError('IMPORT_ARCHIVE', `${fileName} is a damaged ZIP archive: ${(error as Error).message}`, {
      hint: 'Fetch the file again; it may have been cut off.',
      context: { fileName },
      cause: error,
    });
  } finally {
    archive?.close();
  }
}

const MOST_ENTRIES = 10_000;

async function entriesOf(archive: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of archive.eachEntry()) {
    entries.push(entry);
    if (entries.length > MOST_ENTRIES) break;
  }
  return entries.filter(({ fileName }) => !fileName.endsWith('/') && !/(?:^|\/)(?:__MACOSX\/|\.)/.test(fileName));
}

function onlyFile(entries: readonly Entry[], fileName: string): Entry {
  const names = entries.map((entry) => entry.fileName);
  if (names.includes('[Content_Types].xml')) {
    throw archiveError(fileName, 'is an Excel workbook', 'Save the sheet as CSV, and import the CSV file.');
  }
  if (entries.length === 0) throw archiveError(fileName, 'is a ZIP archive without a file', 'Fetch the file again.');
  if (entries.length > 1) {
    const shown = names.slice(0, 5).join(', ');
    const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
    throw archiveError(
      fileName,
      `is a ZIP archive with ${names.length} files: ${shown}${more}`,
      'Unpack it, and import the folder.',
    );
  }
  return entries[0];
}

function archiveError(fileName: string, problem: string, hint: string): ImportError {
  return new ImportError('IMPORT_ARCHIVE', `${fileName} ${problem}; expected one CSV file inside`, {
    hint,
    context: { fileName },
  });
}
