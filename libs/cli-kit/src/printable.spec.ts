import { expect, it } from 'vitest';
import { printable } from './printable.ts';

it('shows what would steer a terminal, and leaves text, line ends and tabs', () => {
  expect(printable('a\u001b[31mb\u0000\r\u202e\ud800')).toBe('a\\u001b[31mb\\u0000\\u000d\\u202e\\ud800');
  expect(printable('déjà 日 😀\n\tx')).toBe('déjà 日 😀\n\tx');
});
