import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ODD_FILES } from './import-odd-files.ts';
import { runInside } from './kit/run-inside.ts';
import { createWorld, hasPostgres, type World } from './kit/world.ts';

const SHARED = process.env['TA_SHARED_DIR'] ?? path.resolve(import.meta.dirname, '../../../../shared');
const CASES = path.join(SHARED, 'cases');
const FORMATS = path.join(CASES, 'formats');
const isPresent = existsSync(FORMATS);
if (!isPresent) process.stderr.write(`\nSKIPPED files of ${FORMATS}: the folder is missing (set TA_SHARED_DIR)\n\n`);

/** A stored day: open, high, low, close by its close instant and opening instant. */
interface Day {
  readonly opens: string;
  readonly closes: string;
  readonly prices: readonly number[];
}

/** The days of the made-up asset that all files of the folder are about, read by hand from the plainest of them. */
function expectedDays(): Day[] {
  const [, ...lines] = readFileSync(path.join(FORMATS, 'stooq.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [date, ...numbers] = line.split(',');
    const prices = numbers.slice(0, 4).map(Number);
    return {
      opens: `${date} 00:00:00.000000`,
      closes: `${date} 23:59:59.999000`,
      prices,
    };
  });
}

/** A ZIP archive of files that are not packed. */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [bytes, nameBytes] = [Buffer.from(text), Buffer.from(name)];
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(nameBytes.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const local = [Buffer.from('PK\u0003\u0004', 'latin1'), facts, nameBytes, bytes];
    directory.push(Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), facts, place, nameBytes);
    parts.push(...local);
    offset += Buffer.concat(local).length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

describe.each(['postgres', 'pglite'] as const)('ta import on %s', (engine) => {
  const isThere = engine === 'pglite' || hasPostgres();
  const folder = mkdtempSync(path.join(tmpdir(), 'ta-import-'));
  let world: World;
  let lastId = 100;
  beforeAll(async () => {
    if (isThere)
      world = await createWorld({
        engine,
        assets: 1,
        days: 5,
        isKeptOpen: true,
      });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await world?.drop();
  });

  const ta = (...argv: string[]) => runInside(argv, { root: world.root, env: world.env });
  const file = (name: string, content: string | Uint8Array): string => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const stored = async (id: number): Promise<(Day & { volume: number | null })[]> => {
    const text = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`;
    const rows = await world.sql<Record<string, string | number>>(
      `SELECT ${text('timeopen')} AS opens, ${text('"timestamp"')} AS closes, open, high, low, close, volume
       FROM cmc_price_histories7 WHERE id = ${id} ORDER BY "timestamp"`,
    );
    return rows.map(({ opens, closes, open, high, low, close, volume }) => ({
      opens: opens as string,
      closes: closes as string,
      prices: [open, high, low, close] as number[],
      volume: volume as number | null,
    }));
  };
  const closes = async (id: number) => (await stored(id)).map(({ prices }) => prices[3]);
  const plain = (...closes: number[]) =>
    [
      'Date,Open,High,Low,Close',
      ...closes.map((close, i) => `2024-01-0${i + 1},${close},${close},${close},${close}`),
    ].join('\n');

  // first, while there is one asset to build; what refreshes keep for the next is forgotten
  describe.skipIf(!isThere)('an asset', () => {
    afterAll(() => world.sql('DELETE FROM ops_settings'));

    it('that there is not: the next refresh forgets the changes once no prices are left of it', async () => {
      const id = 424_243;
      const changes = `SELECT kind FROM cmc_price_histories7_changes WHERE id = ${id}`;
      await world.sql(
        `INSERT INTO cmc_price_histories7 (id, "timestamp", name) VALUES (${id}, '2024-01-01Z', 'stray')`,
      );
      const refresh = () => ta('refresh', '--bars', '--builders', '1d');
      const ignored = await refresh();
      expect(ignored.stderr).toContain(`[WARNING] Prices of ids [${id}] are ignored: not in dim_assets`);
      expect(await world.sql(changes)).toHaveLength(1);
      await world.sql(`DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
      const told = await ta('refresh', '--bars', '--builders', '1d', '--dry-run');
      expect([told.stderr.includes('change log'), (await world.sql(changes)).length]).toEqual([false, 2]);
      expect((await refresh()).stderr).toContain(
        '[INFO] Removed from the change log: 2 changes of ids with neither asset nor prices',
      );
      expect(await world.sql(changes)).toEqual([]);
      expect((await refresh()).stderr).not.toContain('change log');
    });
  });

  describe.skipIf(!isThere || !isPresent)('files as people download them', () => {
    it.each([
      ['stooq.csv', 'Stooq', 1065934],
      ['yahoo.csv', 'Yahoo Finance', 1065934],
      ['kraken-1440.csv', 'Kraken OHLCVT', 1065934.09],
      ['binance-klines-milliseconds.csv', 'Binance klines', 1065934.09],
      ['binance-klines-microseconds.csv', 'Binance klines', 1065934.09],
      ['cryptodatadownload.csv', 'CryptoDataDownload', 1065934.09],
    ])('%s gives its days', async (name, label, volume) => {
      const id = ++lastId;
      const ended = await ta('import', 'csv', path.join(FORMATS, name), '--id', String(id));
      expect(ended.code, ended.stderr).toBe(0);
      expect(ended.stdout).toContain(label);
      expect(ended.stdout).toContain(
        'Rows: 10: 10 new, 0 corrected days, 0 already there; span 2025-03-03 … 2025-03-12',
      );
      const days = await stored(id);
      const isMicro = name.includes('micro');
      const expected = expectedDays().map((day) =>
        isMicro ? { ...day, closes: day.closes.replace('.999000', '.999999') } : day,
      );
      expect(days.map(({ opens, closes, prices }) => ({ opens, closes, prices }))).toStrictEqual(expected);
      expect(days[0].volume).toBe(volume);
    });

    it('investing.csv: groups of thousands, amounts in millions, dates in words', async () => {
      const id = ++lastId;
      expect((await ta('import', 'csv', path.join(FORMATS, 'investing.csv'), '--id', String(id))).code).toBe(0);
      const days = await stored(id);
      expect(days).toHaveLength(10);
      expect(days[9]).toStrictEqual({
        opens: '2025-03-12 00:00:00.000000',
        closes: '2025-03-12 23:59:59.999000',
        prices: [6119, 6218.3, 6057.8, 6156.7],
        volume: 1_340_000,
      });
    });

    it('coingecko.csv is refused, and with --close-only the price at midnight closes the day before', async () => {
      const id = ++lastId;
      const argv = ['import', 'csv', path.join(FORMATS, 'coingecko.csv'), '--id', String(id)];
      const refused = await ta(...argv);
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringMatching(/no open, high and low.*\n.*--close-only/),
      ]);
      expect((await ta(...argv, '--close-only')).code).toBe(0);
      const days = await stored(id);
      for (const { closes, prices } of expectedDays().slice(0, 9)) {
        expect(days.find((day) => day.closes === closes)?.prices).toStrictEqual(Array(4).fill(prices[3]));
      }
      expect((await ta('assets', 'list')).stdout).toMatch(new RegExp(`\\b${id}\\b.*true`));
    });

    it('a file whose decimal points a spreadsheet destroyed is refused as a whole', async () => {
      const ended = await ta('import', 'csv', path.join(FORMATS, 'cmc-through-a-spreadsheet.csv'), '--id', '99');
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('the decimal point is lost');
      expect(ended.stderr).toContain('Download it again and do not open it in a spreadsheet');
      expect(await stored(99)).toEqual([]);
    });

    it('microseconds, a decimal comma, and two rows of a day', async () => {
      const [micro, comma, two] = [++lastId, ++lastId, ++lastId].map(String);
      expect((await ta('import', 'csv', path.join(CASES, 'i122-microseconds.csv'), '--id', micro)).code).toBe(0);
      expect((await stored(Number(micro)))[0]).toMatchObject({
        closes: '2025-01-01 23:59:59.999999',
        prices: [100, 105, 95, 100.5],
      });
      expect((await ta('import', 'csv', path.join(CASES, 's4-decimal-comma.csv'), '--id', comma)).code).toBe(0);
      expect((await stored(Number(comma)))[0]).toMatchObject({
        prices: [50, 55, 45, 50.5],
        volume: 10,
      });
      const ended = await ta('import', 'csv', path.join(CASES, 's1-two-rows-a-day.csv'), '--id', two);
      expect(ended.stdout).toContain('Rows: 11: 10 new, 0 corrected days');
      expect(ended.stdout).toContain('[WARNING] 1 rows share a day (UTC) with another row');
    });

    it('says that a later row corrects an unfinished day', async () => {
      const id = String(++lastId);
      const first = await ta('import', 'csv', path.join(CASES, 'i107a-intraday.csv'), '--id', id);
      expect(first.stdout).toMatch(/ new, 0 corrected days/);
      const second = await ta('import', 'csv', path.join(CASES, 'i107b-whole-day.csv'), '--id', id);
      expect(second.stdout).toContain('Rows: 2: 1 new, 1 corrected days, 0 already there');
    });
  });

  describe.skipIf(!isThere)('many files in one call', () => {
    it('odd files get one message each, and the call fails', async () => {
      for (const { name, content } of ODD_FILES) file(`odd/${name}`, content);
      const ended = await ta('import', 'csv', path.join(folder, 'odd'), '--id-from', '1{id}.csv');
      expect(ended.code).toBe(1);
      const parts = ended.stdout.split(/^(?=\[(?:OK|FAILED)\])/m);
      expect(parts).toHaveLength(ODD_FILES.length + 1);
      for (const { name, says } of ODD_FILES) {
        const told = parts.filter((part) => part.split('\n')[0].includes(name));
        expect(told, name).toHaveLength(1);
        expect(told[0]).toMatch(says);
      }
      expect(parts.at(-1)).toMatch(/^\[FAILED\] 34 files: 10 stored, 24 failed; /);
    });

    it('says once what is wrong with the only file, and nothing about running it again', async () => {
      const ended = await ta('import', 'csv', file('alone.csv', 'a,b\n1,2\n'), '--id', String(++lastId));
      expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('alone.csv has an unknown header')]);
      expect(ended.stdout + ended.stderr).not.toMatch(/Ended early|Run it again/);
    });

    it('takes folders, globs and ZIP archives; the symbol in a name is that of an asset', async () => {
      const [a, b] = [++lastId, ++lastId];
      file('made/AAA.csv', plain(1, 2, 3));
      file('made/BBB.csv', plain(4, 5, 6));
      expect(
        (await ta('import', 'csv', path.join(folder, 'made/AAA.csv'), '--id', String(a), '--name', 'Aaa')).code,
      ).toBe(0);
      expect((await ta('assets', 'rename', String(a), 'Aaa', '--symbol', 'AAA')).code).toBe(0);
      const pattern = ['import', 'csv', path.join(folder, 'made/*.csv'), '--id-from', '{symbol}.csv'];
      const unknown = await ta(...pattern);
      expect([unknown.code, unknown.stdout]).toEqual([1, expect.stringContaining('no asset has the symbol "BBB"')]);
      file('zips/one.zip', zipOf({ 'BBB.csv': plain(4, 5, 6), '__MACOSX/._BBB.csv': 'notes' }));
      expect((await ta('import', 'csv', path.join(folder, 'zips'), '--id', String(b))).code).toBe(0);
      expect(await closes(b)).toEqual([4, 5, 6]);
      const two = file('two.zip', zipOf({ 'a.csv': plain(1), 'b.csv': plain(2) }));
      expect((await ta('import', 'csv', two, '--id', '99')).stderr).toContain(
        'a ZIP archive with 2 files: a.csv, b.csv',
      );
    });

    it('reads any table by the columns that are named, and keeps them as a profile', async () => {
      const id = String(++lastId);
      const content = 'Datum;Eröffnung;Hoch;Tief;Schluss;Stück\n31.01.2024;1.000,5;1.100;900;1.050,25;1.234.567\n';
      const source = file('broker.csv', content);
      const columns = 'date=Datum,open=Eröffnung,high=Hoch,low=#4,close=Schluss,volume=Stück';
      const first = await ta('import', 'csv', source, '--id', id, '--columns', columns, '--save-profile', 'broker');
      expect(first.code, first.stderr).toBe(0);
      expect(await stored(Number(id))).toMatchObject([{ prices: [1000.5, 1100, 900, 1050.25], volume: 1_234_567 }]);
      expect((await ta('import', 'profiles', 'list')).stdout).toContain('broker');
      const again = await ta('import', 'csv', source, '--id', id, '--profile', 'broker', '--tz', 'UTC');
      expect(again.stdout).toContain('Rows: 1: 0 new, 0 corrected days, 1 already there');
      const near = await ta('import', 'csv', source, '--id', id, '--profile', 'brokr');
      expect([near.code, near.stderr]).toEqual([2, expect.stringContaining('Did you mean "broker"?')]);
      expect((await ta('import', 'profiles', 'remove', 'broker')).code).toBe(0);
    });

    it('a date without a time is the civil day of --tz, of 23 hours where the clock is put forward', async () => {
      const id = ++lastId;
      const source = file('ny.csv', 'Date,Open,High,Low,Close\n2024-03-10,1,1,1,1\n');
      const imported = await ta('import', 'csv', source, '--id', String(id), '--tz', 'America/New_York');
      expect(imported.code).toBe(0);
      expect(imported.stderr).toContain(
        '[WARNING] Dates of these files are days of America/New_York, bars of this database are days of UTC, unless its first ' +
          'refresh says otherwise: ta refresh --all --tz America/New_York',
      );
      expect(await stored(id)).toMatchObject([
        {
          opens: '2024-03-10 05:00:00.000000',
          closes: '2024-03-11 03:59:59.999000',
        },
      ]);
    });

    it('an interrupted import says how many files are stored, and they are', async () => {
      for (let i = 0; i < 5; i++) file(`interrupted/${5000 + i}.csv`, plain(1, 2));
      // commands that ended in this process have left a listener that would end the process
      process.removeAllListeners('SIGINT');
      const argv = ['import', 'csv', path.join(folder, 'interrupted'), '--id-from', '{id}.csv'];
      const onLine = (line: string) => void (line.includes('5001.csv') && process.emit('SIGINT', 'SIGINT'));
      const ended = await runInside(argv, {
        root: world.root,
        env: world.env,
        onLine,
      });
      expect([ended.code, ended.stderr]).toEqual([
        130,
        expect.stringContaining('Interrupted: 2 of 5 files are stored; of the other 3 nothing is stored'),
      ]);
      const ids = 'SELECT DISTINCT id FROM cmc_price_histories7 WHERE id BETWEEN 5000 AND 5999 ORDER BY id';
      expect(await world.sql(ids)).toEqual([{ id: 5000 }, { id: 5001 }]);
    });

    it('without --tz the zone is that of the database', async () => {
      const id = ++lastId;
      const source = file('tokyo.csv', 'Date,Open,High,Low,Close\n2024-03-10,1,1,1,1\n');
      await world.sql(
        `INSERT INTO ops_settings (name, value, run_id, set_at) VALUES ('zone', '"Asia/Tokyo"', 'test', now())`,
      );
      expect((await ta('import', 'csv', source, '--id', String(id))).stdout).toContain('(Asia/Tokyo)');
      expect(await stored(id)).toMatchObject([{ opens: '2024-03-09 15:00:00.000000' }]);
      await world.sql('DELETE FROM ops_settings');
    });

    it('takes adjusted prices when they are asked for', async () => {
      const id = ++lastId;
      const source = file('yahoo.csv', 'Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,100,120,80,100,50,7\n');
      expect((await ta('import', 'csv', source, '--id', String(id), '--adjusted')).code).toBe(0);
      expect(await stored(id)).toMatchObject([{ prices: [50, 60, 40, 50], volume: 7 }]);
    });
  });

  describe.skipIf(!isThere)('an asset', () => {
    it('is not overwritten by another one, told by prices alone; --replace-asset takes its place', async () => {
      const id = ++lastId;
      const argv = (name: string) => ['import', 'csv', path.join(folder, name), '--id', String(id)];
      file('bnb.csv', plain(600, 610, 620, 630));
      file('ltc.csv', plain(80, 81, 82, 83, 84));
      file('bnb-later.csv', plain(600, 610, 620, 631, 640));
      expect((await ta(...argv('bnb.csv'), '--name', 'BNB')).code).toBe(0);
      const refused = await ta(...argv('ltc.csv'));
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /does not seem to hold asset \d+ \("BNB"\): on 4 of 4 common days the close differs/,
      );
      expect(refused.stderr).toContain('--replace-asset');
      const checked = await ta(...argv('ltc.csv'), '--check-only');
      expect([checked.code, checked.stderr]).toEqual([2, expect.stringContaining('does not seem to hold asset')]);
      const inItsPlace = await ta(...argv('ltc.csv'), '--check-only', '--replace-asset');
      expect([inItsPlace.code, inItsPlace.stdout]).toEqual([
        0,
        expect.stringMatching(/Would be deleted first: 4 rows.*\n.*Rows: 5: 5 new, 0 corrected days, 0 already there/),
      ]);
      const compared = await ta(...argv('bnb-later.csv'), '--check-only');
      expect(compared.stdout).toMatch(/\[OK\] Check only: bnb-later.csv → id \d+ \(BNB\)/);
      expect(compared.stdout).toContain('Rows: 5: 1 new, 1 corrected days, 3 already there');
      const nowhere = {
        root: folder,
        env: { DB_DIR: path.join(folder, 'no-database') },
      };
      const alone = await runInside([...argv('ltc.csv'), '--check-only'], nowhere);
      expect([alone.code, alone.stderr]).toEqual([
        0,
        expect.stringContaining('[INFO] Not compared with what is stored'),
      ]);
      expect(existsSync(path.join(folder, 'no-database'))).toBe(false);
      expect((await ta(...argv('bnb.csv'), '--name', 'Litecoin')).stderr).toContain(
        '--name says "Litecoin", stored is "BNB"',
      );
      expect(await closes(id)).toEqual([600, 610, 620, 630]);
      expect((await ta(...argv('bnb-later.csv'))).stdout).toContain(
        'Rows: 5: 1 new, 1 corrected days, 3 already there',
      );
      const replaced = await ta(...argv('ltc.csv'), '--name', 'Litecoin', '--replace-asset');
      expect([replaced.code, replaced.stdout]).toEqual([0, expect.stringContaining('Deleted first: 5 rows')]);
      expect(replaced.stdout).toContain('(Litecoin)');
      expect(await closes(id)).toEqual([80, 81, 82, 83, 84]);
    });

    it('is told which stored days a file lacks, which prices are not above zero, and which days its market rests', async () => {
      const id = String(++lastId);
      const lines = Array.from({ length: 15 }, (_, i) => {
        const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(i / 5) * 7 + (i % 5))).toISOString().slice(0, 10);
        return `${day},5,6,${i === 3 ? -37.63 : i === 8 ? 0 : 4},5`;
      });
      const argv = (name: string, rows: readonly string[]) => [
        ...['import', 'csv', file(name, ['Date,Open,High,Low,Close', ...rows].join('\n')), '--id', id],
      ];
      const first = await ta(...argv('spread.csv', lines));
      expect(first.stdout).toContain('[WARNING] days with a price at or below zero: 2, the first is 2024-01-04');
      expect(first.stdout).toContain('Missing days: 0, weekends not counted');
      const fewer = lines.toSpliced(4, 2);
      const checked = await ta(...argv('fewer.csv', fewer), '--check-only');
      expect(checked.stdout).toContain('Rows: 13: 0 new, 0 corrected days, 13 already there');
      expect(checked.stdout).toContain('Stored days of this span that the file does not have: 2; they stay');
      expect(checked.stdout).toContain('Missing days: 6 (2024-01-05…2024-01-08, 2024-01-13…2024-01-14)');
      expect((await ta('assets', 'set', id, '--close-rule', 'market', '--weekdays', 'Mon-Fri')).code).toBe(0);
      for (const flags of [['--check-only'], []]) {
        const ended = await ta(...argv('fewer.csv', fewer), ...flags);
        expect(ended.stdout).toContain('Missing days: 2 on which the asset trades (2024-01-05…2024-01-08)');
      }
    });

    it('is renamed without anything to build again, and removed with everything in one go', async () => {
      const [id] = world.ids;
      await world.sql('DELETE FROM cmc_price_histories7_changes');
      expect((await ta('assets', 'rename', String(id), 'Renamed', '--symbol', 'REN')).code).toBe(0);
      const names = await world.sql(`SELECT DISTINCT name FROM cmc_price_histories7 WHERE id = ${id}`);
      expect(names).toEqual([{ name: 'Renamed' }]);
      expect(await world.sql('SELECT * FROM cmc_price_histories7_changes')).toEqual([]);
      expect((await ta('refresh', '--ids', String(id), '--all', '--skip-stale-check')).stderr).not.toContain('[ERROR]');
      expect((await ta('assets', 'rename', String(id), 'Renamed twice')).code).toBe(0);
      const built = await world.sql(`SELECT DISTINCT src_name FROM cmc_price_bars_1d WHERE id = ${id}`);
      expect(built).toEqual([{ src_name: 'Renamed twice' }]);
      const counted = await ta('assets', 'remove', String(id));
      expect(counted.code).toBe(2);
      expect(counted.stdout).toMatch(/cmc_price_histories7: 5 rows\n(?:.*\n)*.*cmc_price_bars_1d: 5 rows/);
      expect(counted.stderr).toContain('Nothing is removed yet');
      expect(await stored(id)).toHaveLength(5);
      const removed = await ta('assets', 'remove', String(id), '--yes');
      expect(removed.code, removed.stderr).toBe(0);
      for (const table of [
        'cmc_price_histories7',
        'cmc_price_bars_1d',
        'cmc_ema_multi_tf_u',
        'cmc_price_histories7_changes',
        'cmc_price_bars_1d_state',
      ]) {
        expect(await world.sql(`SELECT id FROM ${table} WHERE id = ${id}`), table).toEqual([]);
      }
      expect((await ta('assets', 'list')).stdout).not.toContain('Renamed');
    });

    it('that there is not, is removed with the changes that are logged of it', async () => {
      const id = 424_242;
      const changes = `SELECT kind FROM cmc_price_histories7_changes WHERE id = ${id} ORDER BY change_id`;
      await world.sql(
        `INSERT INTO cmc_price_histories7 (id, "timestamp", name) VALUES (${id}, '2024-01-01Z', 'stray')`,
      );
      await world.sql(`DELETE FROM cmc_price_histories7 WHERE id = ${id}`);
      expect(await world.sql(changes)).toEqual([{ kind: 'insert' }, { kind: 'delete' }]);
      const counted = await ta('assets', 'remove', String(id));
      expect([counted.code, counted.stdout]).toEqual([
        2,
        expect.stringContaining('cmc_price_histories7_changes: 2 rows'),
      ]);
      expect(counted.stderr).toContain(`ta assets remove ${id} --yes`);
      const renamed = await ta('assets', 'rename', String(id), 'Stray');
      expect([renamed.code, renamed.stderr]).toEqual([2, expect.stringContaining(`There is no asset ${id}`)]);
      expect((await ta('assets', 'remove', String(id), '--yes')).code).toBe(0);
      expect(await world.sql(changes)).toEqual([]);
      const again = await ta('assets', 'remove', String(id));
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining(`There is no asset ${id}`)]);
    });

    it('keeps what could be read of a bad file only with --keep-partial', async () => {
      const id = ++lastId;
      const source = file('bad.csv', `${plain(1)}\nx,1,1,1,1\ny,1,1,1,1\n`);
      const refused = await ta('import', 'csv', source, '--id', String(id));
      expect(refused.code).toBe(1);
      expect(refused.stdout).toMatch(
        /\[FAILED\].*nothing is stored\n.*2 of 3 lines were refused, 2 of them as this one: line 3, Date: "x"/,
      );
      expect(refused.stdout).toContain('--keep-partial stores the 1 row that could be read');
      expect(await stored(id)).toEqual([]);
      expect((await ta('import', 'csv', source, '--id', String(id), '--keep-partial')).code).toBe(0);
      expect(await stored(id)).toHaveLength(1);
    });
  });
});
