import { type CorruptionThreshold, DEFAULT_CORRUPTION_THRESHOLD } from './corruption.ts';
import { DEFAULT_DEDUP_WINDOW_MS } from './dedup.ts';
import { type AlertSeverity, DEFAULT_MIN_SEVERITY, parseSeverity } from './threshold.ts';

/** Where messages go. */
export interface TelegramTarget {
  readonly botToken: string;
  readonly chatId: string;
  /** Without a slash at the end. */
  readonly apiBase: string;
}

/** Something the operator should know about the configuration; logged once per run. */
export interface ConfigNotice {
  readonly level: 'info' | 'warn';
  /** Names the variable, never the value of a secret one. */
  readonly message: string;
}

/** How alerts are configured (docs/operations.md#alerts). */
export interface AlertConfig {
  /** Null: alerts are only logged. */
  readonly telegram: TelegramTarget | null;
  readonly minSeverity: AlertSeverity;
  readonly dedupWindowMs: number;
  readonly corruption: CorruptionThreshold;
  readonly notices: readonly ConfigNotice[];
}

/** The Bot API of Telegram itself. */
const DEFAULT_API_BASE = 'https://api.telegram.org';

/**
 * Reads the alert settings from environment variables (docs/operations.md). A value that cannot be used is replaced by the
 * default and noted, because a run must not fail over its alerts; without a usable target alerts are only logged.
 *
 * @param env `process.env`, read once by the application; blank values count as unset
 */
export function readAlertConfig(env: Readonly<Record<string, string | undefined>>): AlertConfig {
  const notices: ConfigNotice[] = [];
  return {
    telegram: readTarget(env, notices),
    minSeverity: readMinSeverity(env, notices),
    dedupWindowMs:
      readNumber(env, 'ALERT_DEDUP_MINUTES', DEFAULT_DEDUP_WINDOW_MS / 60_000, isMinutes, notices) * 60_000,
    corruption: {
      maxPct: readNumber(env, 'ALERT_OHLC_MAX_PCT', DEFAULT_CORRUPTION_THRESHOLD.maxPct, isPercent, notices),
      minCount: readNumber(env, 'ALERT_OHLC_MIN_COUNT', DEFAULT_CORRUPTION_THRESHOLD.minCount, isCount, notices),
    },
    notices,
  };
}

/** The same settings with delivery switched off (`--no-alerts`): alerts are only logged. */
export function withoutDelivery(config: AlertConfig): AlertConfig {
  return { ...config, telegram: null, notices: [{ level: 'info', message: 'alerts switched off: only logged' }] };
}

function readTarget(env: Readonly<Record<string, string | undefined>>, notices: ConfigNotice[]): TelegramTarget | null {
  const botToken = valueOf(env, 'TELEGRAM_BOT_TOKEN');
  const chatId = valueOf(env, 'TELEGRAM_CHAT_ID');
  if (botToken === null && chatId === null) {
    notices.push({ level: 'info', message: 'telegram not configured' });
    return null;
  }
  if (botToken === null || chatId === null) {
    const missing = botToken === null ? 'TELEGRAM_BOT_TOKEN' : 'TELEGRAM_CHAT_ID';
    notices.push({ level: 'warn', message: `telegram not configured: ${missing} is not set` });
    return null;
  }
  const apiBase = usableBase(valueOf(env, 'TELEGRAM_API_BASE') ?? DEFAULT_API_BASE);
  if (apiBase === null) {
    // a token sent to another host than the one meant would be disclosed
    const expected = 'an http or https URL without credentials, query or fragment';
    notices.push({ level: 'warn', message: `telegram not configured: TELEGRAM_API_BASE must be ${expected}` });
    return null;
  }
  return { botToken, chatId, apiBase };
}

function usableBase(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isHttp = url.protocol === 'https:' || url.protocol === 'http:';
  // fetch refuses credentials in a URL with a message that quotes all of it
  if (!isHttp || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return null;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function readMinSeverity(env: Readonly<Record<string, string | undefined>>, notices: ConfigNotice[]): AlertSeverity {
  const text = valueOf(env, 'TELEGRAM_MIN_SEVERITY');
  if (text === null) return DEFAULT_MIN_SEVERITY;
  const severity = parseSeverity(text);
  if (severity !== null) return severity;
  notices.push(unusable('TELEGRAM_MIN_SEVERITY', text, 'INFO, WARNING, ERROR or CRITICAL', DEFAULT_MIN_SEVERITY));
  return DEFAULT_MIN_SEVERITY;
}

interface NumberRule {
  readonly expected: string;
  readonly accepts: (value: number) => boolean;
}

const isMinutes: NumberRule = { expected: 'a number of minutes, 0 or more', accepts: (value) => value >= 0 };
const isPercent: NumberRule = { expected: 'a number from 0 to 100', accepts: (value) => value >= 0 && value <= 100 };
const isCount: NumberRule = {
  expected: 'a whole number, 0 or more',
  accepts: (v) => Number.isSafeInteger(v) && v >= 0,
};

function readNumber(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
  rule: NumberRule,
  notices: ConfigNotice[],
): number {
  const text = valueOf(env, name);
  if (text === null) return fallback;
  // Number() alone would take "0x10" and "1e3"
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && rule.accepts(value)) return value;
  notices.push(unusable(name, text, rule.expected, fallback));
  return fallback;
}

function unusable(name: string, text: string, expected: string, fallback: string | number): ConfigNotice {
  return { level: 'warn', message: `${name} is '${text.slice(0, 40)}', expected ${expected}; using ${fallback}` };
}

function valueOf(env: Readonly<Record<string, string | undefined>>, name: string): string | null {
  const text = env[name]?.trim();
  return text === undefined || text === '' ? null : text;
}
