import type { WriteStream } from 'node:tty';

/** Shows a status line that the next output replaces. */
export interface PassingLine {
  /** Shows a line in place of the one before; an empty text only removes that one. */
  show(text: string): void;
  /** Removes the line before something else is printed. */
  clear(): void;
  /** How another thread shows a line: with this text around it, cut to the width. On a terminal it also sets `isStanding[0]`. */
  readonly frame: { readonly before: string; readonly after: string; readonly width: number };
  readonly isStanding: Int32Array;
}

/** On a terminal each status line overwrites the one before; on other streams each is printed as a line of its own. */
export function openPassingLine(stream: Pick<WriteStream, 'write'> & Partial<WriteStream>): PassingLine {
  const isStanding = new Int32Array(new SharedArrayBuffer(4));
  const frame =
    stream.isTTY === true
      ? { before: '\r', after: '\u001b[K', width: (stream.columns || 80) - 1 }
      : { before: '', after: '\n', width: Infinity };
  const clear = () => {
    if (isStanding[0] === 0) return;
    isStanding[0] = 0;
    stream.write('\r\u001b[K');
  };
  const show = (text: string) => {
    if (text === '') return clear();
    stream.write(`${frame.before}${text.slice(0, frame.width)}${frame.after}`);
    if (stream.isTTY === true) isStanding[0] = 1;
  };
  return { show, clear, frame, isStanding };
}

/** The status line of work in progress. */
export function passingText(what: string, seconds: number | string): string {
  return `[INFO] ${what} (${seconds} s)`;
}
