import { describe, expect, it } from 'vitest';
import { openPassingLine } from './passing-line.ts';

describe('a passing line', () => {
  const on = (terminal: { isTTY?: boolean; columns?: number }) => {
    const stream = { text: '', write: (text: string) => ((stream.text += text), true), ...terminal };
    return { stream, line: openPassingLine(stream as never) };
  };

  it('stays in its place on a terminal, no wider than that, and makes way', () => {
    const { stream, line } = on({ isTTY: true, columns: 11 });
    line.show('[INFO] bars, 0/2 ids (3 s)');
    line.show('[INFO] 6 s');
    expect(stream.text).toBe('\r[INFO] bar\u001b[K\r[INFO] 6 s\u001b[K');
    line.clear();
    line.clear();
    expect(stream.text.endsWith('6 s\u001b[K\r\u001b[K')).toBe(true);
  });

  it('is whole on a terminal that does not know its width', () => {
    const { stream, line } = on({ isTTY: true, columns: 0 });
    line.show('[INFO] Reading (3 s)');
    expect(stream.text).toBe('\r[INFO] Reading (3 s)\u001b[K');
  });

  it('is a line of its own elsewhere', () => {
    const { stream, line } = on({});
    line.show('[INFO] bars, 0/2 ids (3 s)');
    line.clear();
    line.show('');
    expect(stream.text).toBe('[INFO] bars, 0/2 ids (3 s)\n');
  });

  it('makes way too where another thread has shown it', () => {
    const { stream, line } = on({ isTTY: true });
    line.isStanding[0] = 1;
    line.show('');
    expect(stream.text).toBe('\r\u001b[K');
  });
});
