import { describe, expect, it } from 'vitest';
import { createDocumentRedact, createRedact, redactRecord, secretsOf } from './redact.ts';

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

describe('secrets', () => {
  it('are those of the environment, and the passwords of every database URL, written and meant', () => {
    const env = { PGPASSWORD: 'a', TA_UI_TOKEN: ' b ', DATABASE_URL: 'postgresql://u:p%40s@h/d', TARGET_DB_URL: '' };
    const argv = ['sql', '--db-url', 'postgresql://u:c:d@e@h/d', '--db-url=postgresql://h/d?password=f%2Bg&x=1'];
    expect(secretsOf(env, argv)).toEqual(['a', 'b', 'p%40s', 'p@s', 'c:d@e', 'f%2Bg', 'f+g']);
    expect(secretsOf({}, ['--dbUrl', 'postgresql://u:g@h/d', '--dbUrl=postgresql://u:h@h/d'])).toEqual(['g', 'h']);
    expect(secretsOf({ DATABASE_URL: 'postgresql://u@h/d' }, ['--db-url'])).toEqual([]);
  });

  it('short ones are found where they stand alone', () => {
    const redact = createRedact(['close', '1000', 'a-long-one']);
    expect(redact('close (1000): closed 10000, xa-long-onex')).toBe('*** (***): closed 10000, x***x');
  });

  it('plain words and numbers are left in documents and in what records say besides texts', () => {
    const secrets = ['close', '1000', 'a-long-one-7461'];
    expect(createDocumentRedact(secrets)('{"close":1000,"text":"a-long-one-7461"}')).toBe(
      '{"close":1000,"text":"***"}',
    );
    const record = {
      close: 1000,
      step: 'close',
      err: { message: 'close failed', code: 'close' },
      list: ['1000', 1000],
    };
    expect(redactRecord(record, createRedact(secrets))).toEqual({
      ...{ close: 1000, step: 'close', err: { message: '*** failed', code: 'close' }, list: ['***', 1000] },
    });
  });
});
