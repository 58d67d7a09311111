import { describe, expect, it } from 'vitest';
import { createRedact } from './redact.ts';

describe('redaction', () => {
  const redact = createRedact(['s3cret/token', undefined, 'ab']);

  it.each([
    ['postgresql://u:pa:ss@h:5432/db', 'postgresql://u:***@h:5432/db'],
    ['to postgres://u:p%40ss@h/db failed', 'to postgres://u:***@h/db failed'],
    ['postgres://u:p@ss@h/db', 'postgres://u:***@h/db'],
    ['postgresql://h/db?user=u&password=hunter2&x=1', 'postgresql://h/db?user=u&password=***&x=1'],
    ["host=h password='a b' user=u", 'host=h password=*** user=u'],
    ['bot s3cret/token and s3cret%2Ftoken', 'bot *** and ***'],
    ['postgresql://u@h/db', 'postgresql://u@h/db'],
    ['cab', 'cab'],
    ['Write postgresql://<user>:<password>@<host>/<db>', 'Write postgresql://<user>:<password>@<host>/<db>'],
    ['postgresql://u:<password>x@h/d', 'postgresql://u:***@h/d'],
    ['postgresql://u:<password>@x@h/d', 'postgresql://u:***@h/d'],
  ])('%s is shown as %s', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });
});
