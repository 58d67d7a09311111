import { describe, expect, it } from 'vitest';
import { createScrub, scrubData, tokenInPath } from './secret.ts';

const token = '7654321:AAH-secret/half+x';

describe('createScrub', () => {
  const scrub = createScrub(token);

  it('masks the token as it is, inside URLs and error texts', () => {
    expect(scrub(`request to https://api.telegram.org/bot${token}/sendMessage failed`)).toBe(
      'request to https://api.telegram.org/bot***/sendMessage failed',
    );
  });
  it('masks the token URL-encoded, in either case of the escapes', () => {
    expect(scrub(`a ${encodeURIComponent(token)} b`)).toBe('a *** b');
    expect(scrub('a 7654321%3aAAH-secret%2fhalf%2bx b')).toBe('a *** b');
    expect(scrub(`a ${tokenInPath(token)} b`)).toBe('a *** b');
  });
  it('masks the secret half alone', () => {
    expect(scrub('AAH-secret/half+x')).toBe('***');
    expect(scrub(encodeURIComponent(encodeURIComponent('7654321:')) + 'AAH-secret/half+x')).not.toContain('AAH');
  });
  it('masks passwords in URLs', () => {
    expect(scrub('cannot connect to postgres://ann:p@ss@db/x')).toBe('cannot connect to postgres://ann:***@db/x');
  });
  it("runs the application's scrubber, too", () => {
    expect(createScrub(token, (text) => text.replaceAll('hunter2', '###'))('hunter2 AAH-secret/half+x')).toBe(
      '### ***',
    );
  });
  it('masks everything when that scrubber fails', () => {
    const broken = createScrub(token, () => {
      throw new Error('no');
    });
    expect(broken('anything')).toBe('***');
  });
  it('leaves plain text alone when there is no token or a tiny one', () => {
    expect(createScrub(null)('a b c')).toBe('a b c');
    expect(createScrub('a')('a b c')).toBe('a b c');
  });
});

describe('scrubData', () => {
  const scrub = createScrub(token);

  it('reaches texts in arrays, objects, keys and errors', () => {
    const data = { a: [token, 1, null], [token]: { deep: new Error(`bad ${token}`) }, big: 1n, at: new Date(0) };
    expect(scrubData(data, scrub)).toEqual({
      a: ['***', 1, null],
      '***': { deep: 'Error: bad ***' },
      big: '1',
      at: new Date(0),
    });
  });
  it('ends on data that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(JSON.stringify(scrubData(loop, scrub))).toContain('…');
  });
});
