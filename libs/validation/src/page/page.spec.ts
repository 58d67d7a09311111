import { EVERY_DAY } from '@ta/bars-core/engine';
import { describe, expect, it } from 'vitest';
import type { AssetFacts } from '../assets.ts';
import type { Finding } from '../finding.ts';
import { htmlPage, jsonForHtml } from './html-page.ts';
import { PAGE_LIMITS, shortened } from './limits.ts';
import type { PageData } from './page-data.ts';
import { calendarOf } from './read-calendar.ts';
import { placeOf } from './read-place.ts';

const DATA: PageData = {
  target: 'postgresql://ta:***@localhost/<prices>',
  asOf: '2024-07-01T12:00:00.000Z',
  profile: 'full',
  isPassed: false,
  reason: null,
  sums: {
    passed: 36,
    failed: 1,
    skipped: 0,
    findings: 1,
    bySeverity: { CRITICAL: 1, ERROR: 0, WARNING: 0, INFO: 0 },
    gaps: 0,
    duplicates: 0,
  },
  checks: [],
  findings: [],
  places: [],
  calendars: [],
  leftOut: [],
};
const ASSET: AssetFacts = {
  ...{
    id: 1,
    isKnown: true,
    isActive: true,
    hasSource: true,
    hasDaily: true,
    hasState: true,
    zone: 'UTC',
    dayRules: 'UTC',
    trading: EVERY_DAY,
    builtTradingDays: null,
    lastSourceTs: 0,
    notAheadTs: 0,
    restingMs: 0,
  },
  ...{ fastFromTs: 0, fastReadFromTs: 0 },
};
const finding = (over: Partial<Finding>): Finding => ({
  ...{ check: 'B16', name: 'recompute', severity: 'CRITICAL', table: 'cmc_price_bars_multi_tf', id: 1, tf: '7D' },
  ...{ period: null, key: null, expected: null, actual: null, diff: null, message: 'm', detail: {} },
  whatToDo: 'Look at it.',
  ...over,
});

describe('the page as text', () => {
  const page = htmlPage({ ...DATA, leftOut: ['</script><!--<script>\u2028'] });

  it('holds no value that could end its script or become markup', () => {
    const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] as string;
    expect(json).not.toMatch(/[<>&\u2028]/);
    expect((JSON.parse(json) as PageData).leftOut).toStrictEqual(['</script><!--<script>\u2028']);
    expect(page).toContain('localhost/&lt;prices&gt;');
    expect(jsonForHtml('<&>')).toBe('"\\u003c\\u0026\\u003e"');
  });

  it('names no address to load from and forbids all loading', () => {
    expect(page).not.toMatch(/\b(src|href)\s*=\s*["']?https?:/i);
    expect(page).toContain(`default-src 'none'; script-src 'sha256-`);
  });

  it('stays below a size that opens at once', () => {
    expect(page.length).toBeLessThan(400_000);
  });
});

describe('a long text', () => {
  it('is shortened and says by how much', () => {
    expect(shortened('x'.repeat(PAGE_LIMITS.textLength))).toHaveLength(PAGE_LIMITS.textLength);
    expect(shortened('x'.repeat(PAGE_LIMITS.textLength + 7))).toMatch(/x… \(7 more characters\)$/);
  });
});

describe('a calendar', () => {
  it('says what became of every day', () => {
    const rows = { name: 'one', bars: [10, 11, 14], repaired: [11], rejected: [12, 14], source: [10, 11, 12, 14, 15] };
    expect(calendarOf(1, rows)).toStrictEqual({
      ...{ id: 1, name: 'one', firstDay: '1970-01-11', days: 6, marks: '1b1r1x1g1b1l' },
      counts: { b: 2, r: 1, x: 1, g: 1, l: 1 },
    });
  });

  it('is none without any day', () => {
    expect(calendarOf(1, { name: null, bars: [], repaired: [], rejected: [], source: [] })).toBeNull();
  });

  it('keeps the newest days of an endless history', () => {
    const calendar = calendarOf(1, { name: null, bars: [-100_000, 0], repaired: [], rejected: [], source: [] });
    expect(calendar).toMatchObject({ days: PAGE_LIMITS.calendarDays, marks: `${PAGE_LIMITS.calendarDays - 1}g1b` });
  });
});

describe('the place of a finding', () => {
  it.each([
    ['2024-05-15T23:59:59.999Z', Date.UTC(2024, 4, 15, 23, 59, 59, 999), null],
    ['time_close 2024-05-15 23:59:59.999+00', Date.UTC(2024, 4, 15, 23, 59, 59, 999), null],
    ['2024-05-15', Date.UTC(2024, 4, 15, 23, 59, 59, 999), null],
    ['bar_seq 7', null, 7],
    ['7', null, 7],
    ['snapshots', null, null],
    [null, null, null],
  ])('of key %s is found', (key, atMs, barSeq) => {
    expect(placeOf(finding({ key }), ASSET)).toMatchObject({ atMs, barSeq, tf: '7D' });
  });

  it('is among daily bars for what is not about a bar table, with the EMA for what is about one', () => {
    expect(placeOf(finding({ table: 'cmc_price_bars_1d', tf: null }), ASSET)).toMatchObject({ tf: null, ema: null });
    expect(placeOf(finding({ table: 'cmc_ema_multi_tf', period: 9 }), ASSET)).toMatchObject({
      ...{ table: 'cmc_price_bars_1d', tf: null },
      ema: { table: 'cmc_ema_multi_tf', tf: '7D', period: 9 },
    });
    expect(placeOf(finding({ table: 'cmc_price_bars_multi_tf_state' }), ASSET)).toMatchObject({
      ...{ table: 'cmc_price_bars_multi_tf', tf: '7D' },
    });
  });

  it('is none for a finding about no asset', () => {
    expect(placeOf(finding({ id: null }), undefined)).toBeNull();
  });
});
