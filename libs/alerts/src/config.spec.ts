import { describe, expect, it } from 'vitest';
import { readAlertConfig, withoutDelivery } from './config.ts';

const both = { TELEGRAM_BOT_TOKEN: '123:secret-half', TELEGRAM_CHAT_ID: '-100200' };

describe('readAlertConfig', () => {
  it('has the defaults of docs/operations.md#alerts', () => {
    expect(readAlertConfig(both)).toEqual({
      telegram: { botToken: '123:secret-half', chatId: '-100200', apiBase: 'https://api.telegram.org' },
      minSeverity: 'ERROR',
      dedupWindowMs: 3_600_000,
      corruption: { maxPct: 1, minCount: 5 },
      notices: [],
    });
  });
  it('reads every variable', () => {
    const env = {
      ...both,
      TELEGRAM_MIN_SEVERITY: ' warning ',
      TELEGRAM_API_BASE: 'http://127.0.0.1:8081/proxy//',
      ALERT_DEDUP_MINUTES: '0.5',
      ALERT_OHLC_MAX_PCT: '2.5',
      ALERT_OHLC_MIN_COUNT: '0',
    };
    expect(readAlertConfig(env)).toEqual({
      telegram: { botToken: '123:secret-half', chatId: '-100200', apiBase: 'http://127.0.0.1:8081/proxy' },
      minSeverity: 'WARNING',
      dedupWindowMs: 30_000,
      corruption: { maxPct: 2.5, minCount: 0 },
      notices: [],
    });
  });
  it('only logs alerts when nothing is set, and says so once at INFO', () => {
    expect(readAlertConfig({ TELEGRAM_BOT_TOKEN: ' ', TELEGRAM_CHAT_ID: '' })).toMatchObject({
      telegram: null,
      notices: [{ level: 'info', message: 'telegram not configured' }],
    });
  });
  it('names the one that is missing at WARN', () => {
    const { telegram, notices } = readAlertConfig({ TELEGRAM_BOT_TOKEN: '123:secret-half' });
    expect(telegram).toBeNull();
    expect(notices).toEqual([{ level: 'warn', message: 'telegram not configured: TELEGRAM_CHAT_ID is not set' }]);
    expect(readAlertConfig({ TELEGRAM_CHAT_ID: '1' }).notices[0].message).toContain('TELEGRAM_BOT_TOKEN');
  });
  it('replaces values it cannot use by the defaults, with a notice each', () => {
    const { minSeverity, dedupWindowMs, corruption, notices } = readAlertConfig({
      ...both,
      TELEGRAM_MIN_SEVERITY: 'LOUD',
      ALERT_DEDUP_MINUTES: '-1',
      ALERT_OHLC_MAX_PCT: '101',
      ALERT_OHLC_MIN_COUNT: '2.5',
    });
    expect({ minSeverity, dedupWindowMs, corruption }).toEqual({
      minSeverity: 'ERROR',
      dedupWindowMs: 3_600_000,
      corruption: { maxPct: 1, minCount: 5 },
    });
    expect(notices.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "warn TELEGRAM_MIN_SEVERITY is 'LOUD', expected INFO, WARNING, ERROR or CRITICAL; using ERROR",
      "warn ALERT_DEDUP_MINUTES is '-1', expected a number of minutes, 0 or more; using 60",
      "warn ALERT_OHLC_MAX_PCT is '101', expected a number from 0 to 100; using 1",
      "warn ALERT_OHLC_MIN_COUNT is '2.5', expected a whole number, 0 or more; using 5",
    ]);
  });
  for (const text of ['1e3', '0x10', 'NaN', 'Infinity', '1,5', '5 min', '.5']) {
    it(`does not take '${text}' for a number of minutes`, () => {
      expect(readAlertConfig({ ...both, ALERT_DEDUP_MINUTES: text }).dedupWindowMs).toBe(3_600_000);
    });
  }
  for (const base of [
    'api.telegram.org',
    'ftp://host',
    'http://user:pa55word@host',
    'https://host/?a=b',
    'https://host/#x',
  ]) {
    it(`sends no token to '${base}' and does not repeat it`, () => {
      const { telegram, notices } = readAlertConfig({ ...both, TELEGRAM_API_BASE: base });
      expect(telegram).toBeNull();
      expect(notices).toHaveLength(1);
      expect(notices[0].message).toContain('TELEGRAM_API_BASE');
      expect(notices[0].message).not.toContain('pa55word');
    });
  }
});

describe('withoutDelivery', () => {
  it('keeps everything but the chat', () => {
    const config = readAlertConfig({ ...both, ALERT_OHLC_MAX_PCT: '3' });
    expect(withoutDelivery(config)).toMatchObject({ telegram: null, corruption: { maxPct: 3, minCount: 5 } });
  });
});
