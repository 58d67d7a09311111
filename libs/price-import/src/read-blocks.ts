import { isAscii } from 'node:buffer';

/** Longest line that is kept; a longer one is cut to one character more, so that it can be reported and rejected. */
export const MAX_LINE_LENGTH = 65_536;

/** Some whole lines of a file. */
export interface TextBlock {
  /** The lines, set apart by LF, without a last line end. */
  readonly text: string;
  /** Whether a line is longer than {@link MAX_LINE_LENGTH}. */
  readonly hasLongLine: boolean;
}

/**
 * Decodes UTF-8 bytes into blocks of whole lines (LF or CRLF; a missing last line end is fine).
 *
 * A leading byte order mark is removed; a byte that is not UTF-8 becomes U+FFFD. Memory: one chunk and one line of at
 * most {@link MAX_LINE_LENGTH} + 1 characters.
 */
export async function* readBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TextBlock> {
  const decode = chunkDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + decode(chunk);
    const end = text.lastIndexOf('\n');
    rest = cutLine(text.slice(end + 1));
    if (end >= 0) yield blockOf(text.slice(0, end));
  }
  rest += decode();
  if (rest !== '') yield blockOf(rest);
}

/** Decodes chunk after chunk; nearly every price file is ASCII, which needs no decoding. */
function chunkDecoder(): (chunk?: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8');
  let isAllAscii = true;
  return (chunk) => {
    isAllAscii &&= chunk === undefined || isAscii(chunk);
    if (!isAllAscii) return decoder.decode(chunk, { stream: chunk !== undefined });
    return chunk === undefined ? '' : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
  };
}

function cutLine(line: string): string {
  return line.length > MAX_LINE_LENGTH ? line.slice(0, MAX_LINE_LENGTH + 1) : line;
}

function blockOf(raw: string): TextBlock {
  const text = raw.includes('\r') ? `${raw}\n`.replaceAll('\r\n', '\n').slice(0, -1) : raw;
  return { text, hasLongLine: hasLongLine(text) };
}

/** Searches backwards for a line end from where the longest allowed line would end, then continues after it. */
function hasLongLine(text: string): boolean {
  let from = 0;
  while (text.length - from > MAX_LINE_LENGTH) {
    const end = text.lastIndexOf('\n', from + MAX_LINE_LENGTH);
    if (end < from) return true;
    from = end + 1;
  }
  return false;
}
