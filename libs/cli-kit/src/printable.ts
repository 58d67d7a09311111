/**
 * Text that may quote what somebody typed or a file holds, made safe for a terminal: control characters other than line ends
 * and tabs, and characters that change the direction of text, are shown as escapes such as `\u001b`.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, '0')}`);
}

const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;
