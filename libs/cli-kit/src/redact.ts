/** Text that may be printed or logged. */
export type Redact = (text: string) => string;

/** The one password that is none: it stands for it in the messages that show how a URL is written. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)(?!<password>@[^\s@]*(?:\s|$))(\S+)(@)/gi;
const QUERY_PASSWORD = /([?&](?:password|pass|pwd|token)=)[^&\s'"]+/gi;
const KEY_VALUE_PASSWORD = /(\bpassword\s*=\s*)('[^']*'|[^\s&]+)/gi;

/**
 * Builds the last scrubber before output: passwords inside URLs and connection strings, and the given secret values
 * wherever they stand, become `***`.
 *
 * @param secrets values that must never be shown (empty and very short ones are ignored: they would erase plain text)
 */
export function createRedact(secrets: readonly (string | undefined)[]): Redact {
  const values = [...new Set(secrets)].filter((value): value is string => value !== undefined && value.length >= 4);
  const all = values.flatMap((value) => [value, encodeURIComponent(value)]).sort((a, b) => b.length - a.length);
  return (text) => {
    let shown = text
      .replace(URL_PASSWORD, '$1***$3')
      .replace(QUERY_PASSWORD, '$1***')
      .replace(KEY_VALUE_PASSWORD, '$1***');
    for (const value of all) shown = shown.replaceAll(value, '***');
    return shown;
  };
}
