import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { envFileWarning, parseSettings, readEnvFile } from './env-file.ts';

const URL_TEXT = 'postgresql://u:Hush9Kitten@h/d';
const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);
const folder = mkdtempSync(path.join(tmpdir(), 'ta-env-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function refusalOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

describe('a .env file', () => {
  it.each([
    ['a byte order mark', `\ufeffDATABASE_URL=${URL_TEXT}`],
    ['Windows line ends', `# why\r\nDATABASE_URL=${URL_TEXT}\r\n`],
    ['a line of blanks before', `   \nDATABASE_URL=${URL_TEXT}`],
    ['quotes and a comment', `export DATABASE_URL = "${URL_TEXT}" # why`],
    ['a value over two lines before', `KEY="one\ntwo"\nDATABASE_URL=${URL_TEXT}`],
  ])('with %s says what it says', (_, text) => {
    expect(parseSettings(bytes(text), '.env')['DATABASE_URL']).toBe(URL_TEXT);
  });

  it.each([
    ['UTF-16', bytes(`\ufeffDATABASE_URL=${URL_TEXT}`, 'utf16le'), 'is not UTF-8 text'],
    ['Latin-1', bytes(`DATABASE_URL=${URL_TEXT}é`, 'latin1'), 'is not UTF-8 text'],
    ['a setting without =', bytes(`A=1\nDATABASE_URL ${URL_TEXT}`), 'line 2 is not a setting'],
    ['a colon for =', bytes(`DATABASE_URL: ${URL_TEXT}`), 'line 1 is not a setting'],
    ['a quote that stays open', bytes(`DATABASE_URL="${URL_TEXT}\nA=1`), 'line 1 opens a quote that is never closed'],
  ])('in %s is refused without being quoted', (_, content, problem) => {
    expect(refusalOf(() => parseSettings(content, '.env'))).toMatchObject({
      ...{ code: 'CLI_BAD_ENV_FILE', exitCode: 4, message: `.env ${problem}` },
    });
  });

  it('that is not there has no settings; a folder of its name is refused', () => {
    expect(readEnvFile(path.join(folder, '.env'))).toEqual({});
    expect(refusalOf(() => readEnvFile(folder))).toMatchObject({ code: 'CLI_BAD_ENV_FILE' });
    writeFileSync(path.join(folder, '.env'), 'A=1');
    expect(readEnvFile(path.join(folder, '.env'))).toEqual({ A: '1' });
  });

  it.skipIf(process.platform === 'win32')('that cannot be read is refused: it might name another database', () => {
    const loop = path.join(folder, 'loop.env');
    symlinkSync(loop, loop);
    expect(refusalOf(() => readEnvFile(loop))).toMatchObject({
      ...{ code: 'CLI_BAD_ENV_FILE', exitCode: 4, message: `${loop} cannot be read (ELOOP)` },
    });
    expect(readEnvFile(path.join(folder, '.env', '.env'))).toEqual({});
  });

  it.skipIf(process.platform === 'win32')('that others may write is told', () => {
    const file = path.join(folder, 'shared.env');
    writeFileSync(file, '');
    const warnings = [0o600, 0o644, 0o664, 0o606].map((mode) => {
      chmodSync(file, mode);
      return envFileWarning(file) !== null;
    });
    expect(warnings).toEqual([false, false, true, true]);
    expect(envFileWarning(path.join(folder, 'none.env'))).toBe(null);
  });
});
