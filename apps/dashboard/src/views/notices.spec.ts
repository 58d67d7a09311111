import { describe, expect, it } from 'vitest';
import { noticesOf } from './notices.ts';

describe('the notices of a view', () => {
  it('are its messages and failures, until it is left', () => {
    const shown: (string | null)[] = [];
    const notices = noticesOf((text) => shown.push(text));
    notices.say('There is no asset x.');
    notices.say(null);
    notices.fail(new Error('A refresh uses this database.'));
    expect(shown).toStrictEqual(['There is no asset x.', null, 'A refresh uses this database.']);
    notices.close();
    notices.say('There is no asset y.');
    notices.say(null);
    notices.fail(new Error('The server does not answer.'));
    expect(shown.length).toBe(3);
  });

  it('say nothing about a request that was given up', () => {
    const shown: (string | null)[] = [];
    const given = new AbortController();
    given.abort();
    noticesOf((text) => shown.push(text)).fail(given.signal.reason);
    expect(shown).toStrictEqual([]);
  });
});
