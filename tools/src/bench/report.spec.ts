import { describe, expect, it } from 'vitest';
import { megabytes, numberText, resultText } from './report.ts';

describe('numberText', () => {
  it('shows whole numbers in full and others with three digits', () => {
    expect(numberText(1_234_567)).toBe('1,234,567');
    expect(numberText(0.045678)).toBe('0.0457');
    expect(numberText(12.345)).toBe('12.3');
    expect(numberText(1234.5)).toBe('1,235');
    expect(numberText(0)).toBe('0');
  });

  it('shows what is not known as a dash', () => {
    expect(numberText(Number.NaN)).toBe('–');
  });
});

describe('megabytes', () => {
  it('counts in millions', () => {
    expect(megabytes(12_300_000)).toBe('12.3 MB');
  });
});

describe('resultText', () => {
  it('is a heading, what was done and a Markdown table', () => {
    const text = resultText({
      scenario: 'noop',
      about: 'Nothing.',
      tables: [{ caption: 'Costs.', columns: ['', 'ms'], rows: [['all', 12.345]] }],
    });
    expect(text).toBe('### noop\n\nNothing.\n\nCosts.\n\n|  | ms |\n|---|---:|\n| all | 12.3 |');
  });
});
