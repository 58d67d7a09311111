import { describe, expect, it } from 'vitest';
import { nearestName, selectNames } from './names.ts';

const KNOWN = ['1d', 'multi_tf', 'cal_iso', 'cal_us'] as const;
const FLAGS = { only: '--builders', skip: '--skip', noun: 'builders' };

describe('selection of names', () => {
  it('keeps execution order whatever was typed', () => {
    expect(selectNames(KNOWN, { only: ['cal_us,1d', 'multi_tf'] }, FLAGS)).toEqual(['1d', 'multi_tf', 'cal_us']);
  });

  it('takes skipped names away', () => {
    expect(selectNames(KNOWN, { skip: ['cal_us'] }, FLAGS)).toEqual(['1d', 'multi_tf', 'cal_iso']);
  });

  it.each([
    [{ only: ['cal_uk'] }, '--builders: unknown name "cal_uk"'],
    [{ skip: ['weekly'] }, '--skip: unknown name "weekly"'],
    [{ only: [''] }, 'No builders selected (--builders names none)'],
    [{ only: ['1d'], skip: ['1d'] }, 'No builders selected (everything is skipped)'],
  ])('%j is a usage error', (choice, message) => {
    expect(() => selectNames(KNOWN, choice, FLAGS)).toThrow(message);
  });

  it('names the nearest valid name, or none when nothing is near', () => {
    expect(nearestName('multitf', KNOWN)).toBe('multi_tf');
    expect(nearestName('zzzzzzzz', KNOWN)).toBeUndefined();
    expect(nearestName('ts', ['id', 'tf'])).toBe('tf');
    expect(nearestName('ts', ['id', 'name'])).toBeUndefined();
  });
});
