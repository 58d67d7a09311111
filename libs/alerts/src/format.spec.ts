import { describe, expect, it } from 'vitest';
import { type MergedAlert } from './event.ts';
import { escapeHtml, formatAlert, formatDigest, MESSAGE_LIMIT, plainText, TRUNCATION_MARK } from './format.ts';

const frame = { host: 'db-1', atMs: Date.UTC(2026, 0, 2, 6, 0, 12, 345), suppressedCount: 0 };
const alert: MergedAlert = {
  event: 'component_failed',
  severity: 'ERROR',
  title: 'emas failed',
  body: ['2 of 10 IDs failed'],
  details: [],
  ids: [52, 825],
  component: 'emas',
  runId: '20260102-a1',
};

describe('formatAlert', () => {
  it('is laid out as docs/operations.md#alerts says', () => {
    const details = ['52: division by zero', '825: open is null'];
    expect(formatAlert({ ...alert, details }, frame)).toBe(
      [
        '🟠 <b>[ERROR] emas failed</b>',
        '',
        '2 of 10 IDs failed',
        'IDs: [52, 825]',
        '• 52: division by zero',
        '• 825: open is null',
        '',
        'run 20260102-a1 · db-1 · 2026-01-02T06:00:12Z',
      ].join('\n'),
    );
  });
  it('has an emoji for each severity', () => {
    const first = (severity: MergedAlert['severity']) => formatAlert({ ...alert, severity }, frame).split(' ')[0];
    expect((['CRITICAL', 'ERROR', 'WARNING', 'INFO'] as const).map(first)).toEqual(['🔴', '🟠', '🟡', '🔵']);
  });
  it('shows five details and counts the others', () => {
    const text = formatAlert({ ...alert, details: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, frame);
    expect(text).toContain('• e\n… and 2 more\n\nrun');
    expect(text).not.toContain('• f');
  });
  it('does not count when five are all', () => {
    expect(formatAlert({ ...alert, details: ['a', 'b', 'c', 'd', 'e'] }, frame)).toContain('• e\n\nrun');
  });
  it('tells how many messages were held back', () => {
    expect(formatAlert(alert, { ...frame, suppressedCount: 3 })).toContain(
      '<b>[ERROR] emas failed</b> (+3 suppressed)\n',
    );
  });
  it('escapes every value before markup is added', () => {
    const evil = '</b><a href="x">&amp;';
    const text = formatAlert(
      { ...alert, title: evil, body: [evil], details: [evil], runId: evil },
      { ...frame, host: evil },
    );
    expect(text.match(/<[^>]*>/g)).toEqual(['<b>', '</b>']);
    expect(text.split('&lt;/b&gt;&lt;a href="x"&gt;&amp;amp;')).toHaveLength(6);
  });
  it('names the ids once when the body names them already', () => {
    const text = formatAlert({ ...alert, body: ['Bars stale for IDs: [52, 825]'] }, frame);
    expect(text.match(/825/g)).toHaveLength(1);
  });
  it('names twenty ids and counts the others', () => {
    const ids = Array.from({ length: 23 }, (_, index) => index + 1);
    expect(formatAlert({ ...alert, ids }, frame)).toContain('19, 20, … and 3 more]');
  });
  it('leaves no hole without a body', () => {
    expect(formatAlert({ ...alert, body: [], ids: [] }, frame)).toBe(
      '🟠 <b>[ERROR] emas failed</b>\n\nrun 20260102-a1 · db-1 · 2026-01-02T06:00:12Z',
    );
  });
  it('keeps a title on one line and to a length', () => {
    const text = formatAlert({ ...alert, title: `two\r\nlines ${'x'.repeat(500)}` }, frame);
    expect(text.split('\n')[0]).toMatch(/^🟠 <b>\[ERROR\] two lines x+…<\/b>$/);
    expect(text.split('\n')[0].length).toBeLessThan(300);
  });
  it('replaces control characters and lone surrogates, which Telegram refuses', () => {
    const text = formatAlert({ ...alert, body: ['a\u0000b\u001b[31mc', '\ud83d lone \ude00'] }, frame);
    expect(text).toContain('a b [31mc\n\ufffd lone \ufffd');
  });
  it('does not fail over a time that is none', () => {
    expect(formatAlert(alert, { ...frame, atMs: Number.NaN })).toContain('time unknown');
  });
});

describe('formatAlert near the limit', () => {
  const fixed = formatAlert({ ...alert, body: ['x'], ids: [] }, frame).length - 1;

  it('leaves a text of exactly 4096 units whole', () => {
    const text = formatAlert({ ...alert, body: ['x'.repeat(MESSAGE_LIMIT - fixed)], ids: [] }, frame);
    expect(text).toHaveLength(MESSAGE_LIMIT);
    expect(text).not.toContain(TRUNCATION_MARK);
  });
  it('shortens a text of 4097 units and closes with the mark', () => {
    const text = formatAlert({ ...alert, body: ['x'.repeat(MESSAGE_LIMIT - fixed + 1)], ids: [] }, frame);
    expect(text.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
    expect(text).toContain('x…\n\nrun 20260102-a1 · db-1 · 2026-01-02T06:00:12Z\n… (truncated)');
    expect(text.endsWith(TRUNCATION_MARK)).toBe(true);
  });
  it('drops details before it cuts the body', () => {
    const body = ['x'.repeat(3000)];
    const text = formatAlert({ ...alert, body, details: ['a'.repeat(500), 'b'.repeat(600), 'c'] }, frame);
    expect(text).toContain('x'.repeat(3000));
    expect(text).toContain('a'.repeat(500));
    expect(text).not.toContain('bb');
    expect(text).toContain('… and 2 more');
    expect(text.endsWith(TRUNCATION_MARK)).toBe(true);
  });
  it('drops all details when the body alone does not fit', () => {
    const text = formatAlert({ ...alert, body: ['x'.repeat(5000)], details: ['detail'] }, frame);
    expect(text).not.toContain('detail');
  });
  it('cuts no surrogate pair and no entity', () => {
    for (let shift = 0; shift < 12; shift++) {
      const text = formatAlert({ ...alert, body: ['x'.repeat(shift) + '😀&'.repeat(2000)] }, frame);
      expect(text.length).toBeGreaterThan(MESSAGE_LIMIT - 12);
      expect(text.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
      expect(text).not.toMatch(/\p{Surrogate}/u);
      expect(text.replaceAll('&amp;', '')).not.toContain('&');
    }
  });
  it('copes with a body of megabytes', () => {
    expect(formatAlert({ ...alert, body: Array(50_000).fill('<'.repeat(100)) }, frame).length).toBeLessThanOrEqual(
      4096,
    );
  });
});

describe('formatDigest', () => {
  it('tells each alert in a line', () => {
    const second = { ...alert, severity: 'WARNING' as const, title: 'a < b', ids: [] };
    const text = formatDigest(
      [
        { alert, suppressedCount: 2 },
        { alert: second, suppressedCount: 0 },
      ],
      frame,
    );
    expect(text.split('\n')).toEqual([
      '🟠 <b>[ERROR] 2 more alerts in this run</b>',
      '',
      '🟠 [ERROR] emas failed (IDs: [52, 825]) (+2 suppressed)',
      '🟡 [WARNING] a &lt; b',
      '',
      'run 20260102-a1 · db-1 · 2026-01-02T06:00:12Z',
    ]);
  });
});

describe('plainText', () => {
  it('takes the markup away and gives the characters back', () => {
    const text = formatAlert({ ...alert, title: 'a < b & <b>c</b> &lt;' }, frame);
    expect(plainText(text).split('\n')[0]).toBe('🟠 [ERROR] a < b & <b>c</b> &lt;');
  });
});

describe('escapeHtml', () => {
  it('escapes the ampersand of an entity, too', () => {
    expect(escapeHtml('&lt; <i> "q" \'s\'')).toBe('&amp;lt; &lt;i&gt; "q" \'s\'');
  });
});
