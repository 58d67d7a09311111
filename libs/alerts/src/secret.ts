/** Turns a text into one that may be shown. */
export type Scrub = (text: string) => string;

const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)(\S+)(@)/gi;
const MASK = '***';

/** Masking shorter values would also mask ordinary text. */
const MIN_SECRET_LENGTH = 4;

/**
 * Builds a scrubber that masks the bot token as it is, URL-encoded, and its secret half alone, besides passwords in URLs.
 *
 * @param botToken null when none is configured
 * @param redact an application's own scrubber, run first; when it throws the whole text is masked
 */
export function createScrub(botToken: string | null, redact: Scrub = (text) => text): Scrub {
  const secrets = botToken === null ? [] : spellings(botToken);
  return (text) => {
    let shown: string;
    try {
      shown = redact(text);
    } catch {
      return MASK;
    }
    for (const secret of secrets) shown = shown.replaceAll(secret, MASK);
    return shown.replace(URL_PASSWORD, `$1${MASK}$3`);
  };
}

/** Scrubs every text inside plain data; objects and arrays deeper than `depth` levels become `…`. */
export function scrubData(value: unknown, scrub: Scrub, depth = 4): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return scrub(`${value.name}: ${value.message}`);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Date) return value;
  if (depth === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => scrubData(item, scrub, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [scrub(key), scrubData(item, scrub, depth - 1)] as const),
  );
}

/** The token as a part of a URL's path; the colon stays, as Telegram's own documentation writes it. */
export function tokenInPath(botToken: string): string {
  return encodeURIComponent(botToken).replaceAll('%3A', ':');
}

function spellings(botToken: string): string[] {
  const colon = botToken.indexOf(':');
  const plain = colon === -1 ? [botToken] : [botToken, botToken.slice(colon + 1)];
  const all = plain.flatMap((secret) => {
    const encoded = encodeURIComponent(secret);
    const lowerCase = encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
    return [secret, encoded, lowerCase, tokenInPath(secret)];
  });
  return [...new Set(all)].filter((secret) => secret.length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
}
