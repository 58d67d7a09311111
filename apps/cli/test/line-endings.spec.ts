import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLONE = path.resolve(import.meta.dirname, '../../..');

describe('line endings', () => {
  const repository = mkdtempSync(path.join(tmpdir(), 'ta-eol-'));
  const git = (...args: string[]) => {
    const identity = [
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@localhost',
      '-c',
      'core.hooksPath=.githooks',
      '-c',
      'core.autocrlf=false',
    ];
    return spawnSync('git', [...identity, ...args], { cwd: repository, encoding: 'utf8' });
  };
  const textOf = (name: string) => readFileSync(path.join(repository, name), 'latin1');
  beforeAll(() => {
    git('init', '-q');
    mkdirSync(path.join(repository, 'tools/bin'), { recursive: true });
    for (const name of ['.githooks', '.gitattributes', 'tools/bin/eol.mjs']) {
      cpSync(path.join(CLONE, name), path.join(repository, name), { recursive: true });
    }
  });
  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  it('the first commit with CRLF fails and is put right, the second passes', () => {
    writeFileSync(path.join(repository, 'notes.md'), 'one\r\ntwo\nthree\r\n');
    writeFileSync(path.join(repository, 'chart.png'), Buffer.from('\x89PNG\r\n\x1a\n\0', 'latin1'));
    git('add', '.');
    const first = git('commit', '-qm', 'first');
    expect(first.status).toBe(1);
    expect(first.stderr).toContain('Mixed line endings fixed in: notes.md; stage them and commit again');
    expect(textOf('notes.md')).toBe('one\ntwo\nthree\n');
    expect(textOf('chart.png')).toContain('PNG\r\n');
    git('add', '.');
    const second = git('commit', '-qm', 'second');
    expect(second.status, second.stderr).toBe(0);
  });

  it('--check finds them for a build server, --fix puts them right', () => {
    const eol = (mode: string) => spawnSync('node', ['tools/bin/eol.mjs', mode], { cwd: repository, encoding: 'utf8' });
    expect(eol('--check').status).toBe(0);
    writeFileSync(path.join(repository, 'notes.md'), 'one\r\n');
    expect(eol('--check')).toMatchObject({ status: 1 });
    expect(eol('--fix').status).toBe(0);
    expect(eol('--check').status).toBe(0);
  });

  it('this clone has none', () => {
    const checked = spawnSync('node', ['tools/bin/eol.mjs', '--check'], { cwd: CLONE, encoding: 'utf8' });
    expect(checked.status, checked.stderr).toBe(0);
  });
});
