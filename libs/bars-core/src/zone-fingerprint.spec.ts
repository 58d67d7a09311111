import { describe, expect, it } from 'vitest';
import { matchesZone, zoneFingerprint } from './zone-fingerprint.ts';

const at = (date: string): number => Date.parse(`${date}T12:00:00Z`);
const ZONE = 'America/New_York';

describe('the fingerprint of the rules of a zone', () => {
  it('is UTC for UTC under any name, on any days', () => {
    expect(zoneFingerprint('UTC', at('1960-01-01'), at('2024-01-01'))).toBe('UTC');
    expect(zoneFingerprint('Etc/UTC', at('2024-01-01'), at('2024-01-01'))).toBe('UTC');
    expect(matchesZone('UTC', 'utc')).toBe(true);
    expect(matchesZone('UTC', ZONE)).toBe(false);
  });

  it('matches the rules it was taken of, in whatever order stretches are asked for', () => {
    const stretches = [
      ['2010-01-01', '2012-01-01'],
      ['1960-01-01', '2024-06-30'],
      ['2023-11-05', '2023-11-05'],
      ['1960-01-01', '2024-06-30'],
    ] as const;
    for (const [first, last] of stretches) {
      expect(matchesZone(zoneFingerprint(ZONE, at(first), at(last)), ZONE)).toBe(true);
    }
    expect(zoneFingerprint('US/Eastern', at('1960-01-01'), at('2024-06-30'))).toBe(
      zoneFingerprint(ZONE, at('1960-01-01'), at('2024-06-30')),
    );
  });

  it('is the same on every engine for days whose rules are long settled', () => {
    expect(zoneFingerprint(ZONE, at('2010-01-01'), at('2020-12-31'))).toBe('1:14608:18629:e8958a5c35f987f7');
    expect(zoneFingerprint('Etc/GMT+5', at('2010-01-01'), at('2020-12-31'))).toBe('1:14608:18629:c4187e939cc61edc');
  });

  it('tells zones apart that differ on these days, and only there', () => {
    // London and Lisbon change together since 1996, and did not before; Phoenix and Denver differ in summer
    const [first, last] = [at('1997-01-01'), at('2020-01-01')];
    expect(zoneFingerprint('Europe/London', first, last)).toBe(zoneFingerprint('Europe/Lisbon', first, last));
    expect(zoneFingerprint('Europe/London', at('1994-01-01'), last)).not.toBe(
      zoneFingerprint('Europe/Lisbon', at('1994-01-01'), last),
    );
    expect(zoneFingerprint('America/Phoenix', at('2024-01-10'), at('2024-02-10')).slice(-16)).toBe(
      zoneFingerprint('America/Denver', at('2024-01-10'), at('2024-02-10')).slice(-16),
    );
    expect(zoneFingerprint('America/Phoenix', at('2024-01-10'), at('2024-04-10')).slice(-16)).not.toBe(
      zoneFingerprint('America/Denver', at('2024-01-10'), at('2024-04-10')).slice(-16),
    );
  });

  it('sees the instant of a change, not only its day', () => {
    // on 2007-10-28 Europe changed at 01:00Z, Jordan (2007-10-26) and Syria (2007-11-02) on other days
    const [first, last] = [at('2007-10-20'), at('2007-11-10')];
    const texts = ['Europe/Helsinki', 'Asia/Amman', 'Asia/Damascus'].map((zone) => zoneFingerprint(zone, first, last));
    expect(new Set(texts).size).toBe(3);
  });

  it('takes a lifetime of rules for rows of any year', () => {
    const text = zoneFingerprint(ZONE, at('0001-01-01'), at('9999-12-31'));
    expect(text).toMatch(/^1:-47482:47846:/);
    expect(matchesZone(text, ZONE)).toBe(true);
  });

  it.each(['', '1:14608:18629:0000000000000000', '2:14608:18629:e8958a5c35f987f7', '1:x:y:z', 'UTC'])(
    'does not match when it is %j',
    (text) => {
      expect(matchesZone(text, ZONE)).toBe(false);
    },
  );
});
