/** Text that may be printed or logged. */
export type Redact = (text: string) => string;

/** The placeholder for a password in messages that show how a URL is written; it is not a secret. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)(?!<password>@[^\s@]*(?:\s|$))(\S+)(@)/gi;
const QUERY_PASSWORD = /([?&](?:password|pass|pwd|token)=)[^&\s'"]+/gi;
const KEY_VALUE_PASSWORD = /(\bpassword\s*=\s*)('[^']*'|[^\s&]+)/gi;

/** A value of at least this length that is not a plain word or number does not occur by chance. */
const DISTINCT = 12;
/** A value shorter than this may be part of other words. */
const SHORT = 8;

/**
 * Builds the scrubber that every message passes last: passwords inside URLs and connection strings, and the given secret values
 * anywhere, become `***`; short values only where they are not part of a longer word. It is not for data: a price is not a
 * secret, even if it has the digits of one.
 *
 * @param secrets values that must never be shown
 */
export function createRedact(secrets: readonly (string | undefined)[]): Redact {
  const values = [...new Set(secrets)].filter((value): value is string => value !== undefined && value !== '');
  const all = [...new Set(values.flatMap((value) => [value, encodeURIComponent(value)]))];
  const patterns = all.sort((a, b) => b.length - a.length).map(patternOf);
  return (text) => {
    let shown = text
      .replace(URL_PASSWORD, '$1***$3')
      .replace(QUERY_PASSWORD, '$1***')
      .replace(KEY_VALUE_PASSWORD, '$1***');
    for (const pattern of patterns) shown = shown.replace(pattern, '***');
    return shown;
  };
}

/**
 * The scrubber of documents, which hold messages and data: as {@link createRedact}, but only for secret values that do not
 * occur in data by chance.
 */
export function createDocumentRedact(secrets: readonly (string | undefined)[]): Redact {
  return createRedact(secrets.filter((value) => value !== undefined && isDistinct(value)));
}

function isDistinct(value: string): boolean {
  // a leading minus makes a number distinct: ids of group chats are long negative numbers, prices and volumes are not
  return value.length >= DISTINCT && !/^(?:[\d.+]+|[A-Za-z]+)$/.test(value);
}

function patternOf(value: string): RegExp {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return value.length < SHORT ? new RegExp(`(?<![\\w])${escaped}(?![\\w])`, 'g') : new RegExp(escaped, 'g');
}

/** Settings that are secrets. */
const SECRET_NAMES = ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID', 'PGPASSWORD', 'TA_UI_TOKEN'];
/** Settings that are URLs with a password in them. */
const URL_NAMES = ['DATABASE_URL', 'TARGET_DB_URL'];

/**
 * Every secret in the environment of a program and in a `--db-url` among its arguments.
 *
 * @param env environment with `.env` beneath it
 */
export function secretsOf(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): string[] {
  const urls = argv.flatMap((word, i) => {
    // the parser takes both spellings
    const found = /^--(?:db-url|dbUrl)(?:=(.*))?$/s.exec(word);
    return found === null ? [] : [found[1] ?? argv[i + 1]];
  });
  const passwords = [...URL_NAMES.map((name) => env[name]), ...urls].flatMap((url) => passwordsOf(url ?? ''));
  const values = [...SECRET_NAMES.map((name) => env[name]?.trim() ?? ''), ...passwords];
  return [...new Set(values)].filter((value) => value !== '');
}

/** Passwords in a URL, both as written (percent-encoded) and decoded. */
function passwordsOf(url: string): string[] {
  const inUrl = /^\s*[a-z][a-z0-9+.-]*:\/\/[^:@/?#]*:(.*)@[^@]*$/is.exec(url)?.[1];
  const inQuery = [...url.matchAll(/[?&](?:password|sslpassword)=([^&#\s]*)/gi)].map(([, value]) => value);
  return [inUrl, ...inQuery].flatMap((value) => (value === undefined ? [] : [value, decoded(value)]));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Fields whose texts are never messages. */
const NO_MESSAGE = new Set([
  'level',
  'time',
  'event',
  'runId',
  'component',
  'step',
  'status',
  'command',
  'type',
  'code',
]);

/** A record with its texts scrubbed; keys, numbers and the fields of {@link NO_MESSAGE} stay as they are. */
export function redactRecord(record: unknown, redact: Redact): unknown {
  if (typeof record === 'string') return redact(record);
  if (Array.isArray(record)) return record.map((item) => redactRecord(item, redact));
  if (typeof record !== 'object' || record === null) return record;
  const fields = Object.entries(record).map(([key, value]) => [
    key,
    NO_MESSAGE.has(key) && typeof value === 'string' ? value : redactRecord(value, redact),
  ]);
  return Object.fromEntries(fields) as unknown;
}
