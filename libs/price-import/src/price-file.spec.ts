import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceFileAt } from './price-file.ts';
import { priceFilePaths } from './price-files.ts';

describe('priceFileAt', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'price-file-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('knows base name and size, and can be read twice', async () => {
    const path = join(folder, 'btc.csv');
    await writeFile(path, 'abc');
    const file = await priceFileAt(path);
    expect(file).toMatchObject({ name: 'btc.csv', sizeBytes: 3 });
    for (let pass = 0; pass < 2; pass++) {
      const parts: Uint8Array[] = [];
      for await (const part of file.open()) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe('abc');
    }
  });

  it('says that a file is missing or a folder', async () => {
    await expect(priceFileAt(join(folder, 'none.csv'))).rejects.toMatchObject({ code: 'IMPORT_FILE_NOT_FOUND' });
    await expect(priceFileAt(folder)).rejects.toMatchObject({ code: 'IMPORT_FILE_UNREADABLE' });
  });

  it('says that a file has gone since', async () => {
    const path = join(folder, 'gone.csv');
    await writeFile(path, 'abc');
    const file = await priceFileAt(path);
    await rm(path);
    const reading = file.open()[Symbol.asyncIterator]();
    await expect(reading.next()).rejects.toMatchObject({ code: 'IMPORT_FILE_NOT_FOUND' });
  });
});

describe('the price files of a folder', () => {
  it('are those of every usual ending, packed or not, in small letters or capitals', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'price-files-'));
    const names = [
      'A.CSV',
      'B.Csv',
      'C.CSV.GZ',
      'a.csv',
      'b.csv.gz',
      'c.txt',
      'd.txt.gz',
      'e.tsv',
      'f.tsv.gz',
      'g.TSV',
      'h.zip',
    ];
    for (const name of [...names, 'i.xlsx', 'j.md']) await writeFile(join(folder, name), 'x');
    expect((await priceFilePaths([folder], '/')).map((path) => basename(path))).toEqual(names);
    await rm(folder, { recursive: true });
  });
});
