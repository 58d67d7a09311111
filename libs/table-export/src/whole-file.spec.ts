import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWholeFile, writeWholeFile } from './whole-file.ts';

const MODULE = pathToFileURL(path.join(import.meta.dirname, 'whole-file.ts')).href;
const KILLED_IN_THE_MIDDLE = `
  const { openWholeFile } = await import(process.argv[1]);
  openWholeFile(process.argv[2]).write('half');
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => setInterval(() => {}, 1000));`;

describe('a file that is written', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ta-whole-'));
    file = path.join(folder, 'bars.csv');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('appears when it is whole; until then the earlier one stays, and nothing is left beside it', () => {
    writeFileSync(file, 'earlier');
    const whole = openWholeFile(file);
    whole.write('one\n');
    whole.write(Buffer.alloc(3 << 20, 'x'));
    expect(readFileSync(file, 'utf8')).toBe('earlier');
    whole.finish();
    whole.abandon();
    expect(readFileSync(file, 'utf8')).toBe(`one\n${'x'.repeat(3 << 20)}`);
    expect(readdirSync(folder)).toStrictEqual(['bars.csv']);
  });

  it('leaves the earlier one when it is given up', () => {
    writeFileSync(file, 'earlier');
    const whole = openWholeFile(file);
    whole.write('half');
    whole.abandon();
    whole.abandon();
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toStrictEqual([['bars.csv'], 'earlier']);
  });

  it('takes away what a killed writer of it left, and nothing else', () => {
    const killed = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--conditions=@ta/source', '--input-type=module', '-e', KILLED_IN_THE_MIDDLE, MODULE, file],
      { encoding: 'utf8' },
    );
    expect([killed.signal, killed.stderr]).toStrictEqual(['SIGKILL', '']);
    const [left] = readdirSync(folder);
    expect(left).toMatch(/^bars\.csv\..*\.partial$/);
    const others = [left.replace('bars', 'emas'), 'bars.csv.partial', 'bars.csv.mine.partial', `x${left}`];
    for (const name of others) writeFileSync(path.join(folder, name), '');
    mkdirSync(path.join(folder, `${left.slice(0, -'.partial'.length - 6)}ffffff.partial`));
    const living = openWholeFile(file);
    const before = readdirSync(folder);
    expect(before).not.toContain(left);
    writeWholeFile(file, 'whole');
    expect(readdirSync(folder).sort()).toStrictEqual([...before, 'bars.csv'].sort());
    living.abandon();
    expect(readdirSync(folder)).toHaveLength(others.length + 2);
  });

  it('takes away what a writer elsewhere, or of an earlier version, left more than a day ago', () => {
    const names = ['bars.csv.0badcafe.partial', 'bars.csv.0badca-1.0badca.partial'];
    for (const name of names) writeFileSync(path.join(folder, name), '');
    writeWholeFile(file, 'first');
    expect(readdirSync(folder).sort()).toStrictEqual([...names, 'bars.csv'].sort());
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
    for (const name of names) utimesSync(path.join(folder, name), twoDaysAgo, twoDaysAgo);
    writeWholeFile(file, 'second');
    expect(readdirSync(folder)).toStrictEqual(['bars.csv']);
  });

  it('holds what was written, however it was cut', () => {
    const lengths = fc.array(fc.oneof(fc.nat(100), fc.constantFrom(0, (1 << 20) - 1, 1 << 20, (1 << 20) + 1)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(lengths, (parts) => {
        const chunks = parts.map((length, i) => Buffer.alloc(length, i + 1));
        const whole = openWholeFile(file);
        for (const chunk of chunks) whole.write(chunk);
        whole.finish();
        expect(readFileSync(file).equals(Buffer.concat(chunks))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('of two at once the one that is finished last is the file, whole', () => {
    const [first, second] = [openWholeFile(file), openWholeFile(file)];
    for (let i = 0; i < 3; i++) {
      first.write('first ');
      second.write('second ');
    }
    second.finish();
    first.finish();
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toStrictEqual([['bars.csv'], 'first first first ']);
  });

  it('keeps the rights of the one that it replaces', () => {
    writeFileSync(file, '');
    chmodSync(file, 0o640);
    writeWholeFile(file, 'new');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    writeWholeFile(path.join(folder, 'secret'), 'new', 0o600);
    expect(statSync(path.join(folder, 'secret')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['a link', (place: string) => symlinkSync(path.join(folder, 'target'), place)],
    ['a link to a device', (place: string) => symlinkSync('/dev/null', place)],
    ['a folder', (place: string) => mkdirSync(place)],
    ['a pipe', (place: string) => execFileSync('mkfifo', [place])],
  ])('is refused in the place of %s', (_, put) => {
    put(file);
    const before = lstatSync(file, { bigint: true }).ino;
    expect(() => openWholeFile(file)).toThrow(expect.objectContaining({ code: 'EXPORT_FILE' }));
    expect([readdirSync(folder), lstatSync(file, { bigint: true }).ino]).toStrictEqual([['bars.csv'], before]);
  });

  it.each(['/dev/null', '/dev/stdout'])('%s is refused', (device) => {
    expect(() => openWholeFile(device)).toThrow(/it is (a device|a link)/);
  });

  it('does not replace a link that was put there meanwhile', () => {
    const whole = openWholeFile(file);
    symlinkSync('/dev/null', file);
    expect(() => whole.finish()).toThrow('it is a link');
    whole.abandon();
    expect([readdirSync(folder), readlinkSync(file)]).toStrictEqual([['bars.csv'], '/dev/null']);
  });

  it('a folder that goes away is a failure of the end', () => {
    const whole = openWholeFile(file);
    rmSync(folder, { recursive: true });
    expect(() => whole.finish()).toThrow(expect.objectContaining({ code: 'EXPORT_FILE' }));
    whole.abandon();
  });

  it.skipIf(process.platform !== 'linux')(
    'a write that fails is told at that write, and leaves the earlier file',
    () => {
      writeFileSync(file, 'earlier');
      const whole = openWholeFile(file);
      const partial = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.partial')) as string);
      const fd = readdirSync('/proc/self/fd').find((name) => pathOf(name) === partial);
      closeSync(Number(fd));
      expect(() => whole.write(Buffer.alloc(2 << 20))).toThrow(expect.objectContaining({ code: 'EXPORT_FILE' }));
      whole.abandon();
      expect([readdirSync(folder), readFileSync(file, 'utf8')]).toStrictEqual([['bars.csv'], 'earlier']);
    },
  );
});

function pathOf(descriptor: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return null;
  }
}
