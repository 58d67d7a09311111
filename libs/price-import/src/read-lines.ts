/** Longest line that is kept; a longer one is cut to one character more, so that it can be told and rejected. */
export const MAX_LINE_LENGTH = 65_536;

/**
 * Decodes UTF-8 bytes and cuts them into lines (LF or CRLF; a missing last line end is fine).
 *
 * Yields one array per input chunk, so that the consumer awaits once per chunk and not once per line. A leading byte
 * order mark is removed; a byte that is not UTF-8 becomes U+FFFD. Memory: one chunk and one line of at most
 * {@link MAX_LINE_LENGTH} + 1 characters.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!.slice(0, MAX_LINE_LENGTH + 1);
    if (lines.length > 0) yield lines.map(withoutLineEnd);
  }
  rest += decoder.decode();
  if (rest !== '') yield [withoutLineEnd(rest)];
}

function withoutLineEnd(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  return line.slice(0, Math.min(end, MAX_LINE_LENGTH + 1));
}
