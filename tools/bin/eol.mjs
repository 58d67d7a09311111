#!/usr/bin/env node
// node tools/bin/eol.mjs --check | --fix | --staged
// Line endings of tracked text files: --check lists files with CRLF and fails, --fix rewrites them to LF. --staged is for
// the pre-commit hook: it rewrites what is about to be committed, and fails once so that somebody reviews and stages the result.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [mode] = process.argv.slice(2);
if (!['--check', '--fix', '--staged'].includes(mode)) {
  console.error('Usage: node tools/bin/eol.mjs --check | --fix | --staged');
  process.exit(2);
}

const git = (...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
const gitOf = (input, ...args) => execFileSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28, input });
const root = git('rev-parse', '--show-toplevel').trim();
const list = mode === '--staged' ? ['diff', '--cached', '--name-only', '--diff-filter=ACMR', '-z'] : ['ls-files', '-z'];
const names = git('-C', root, ...list)
  .split('\0')
  .filter(Boolean);

const mixed = textFiles(names.filter((name) => hasCrlf(path.join(root, name))));
if (mixed.length === 0) process.exit(0);
if (mode === '--check') {
  console.error(`Mixed line endings in: ${mixed.join(', ')}; run node tools/bin/eol.mjs --fix`);
  process.exit(1);
}
for (const name of mixed) {
  const file = path.join(root, name);
  writeFileSync(file, readFileSync(file, 'latin1').replaceAll('\r\n', '\n'), 'latin1');
}
console.error(`Mixed line endings fixed in: ${mixed.join(', ')}; stage them and commit again`);
process.exit(mode === '--staged' ? 1 : 0);

/** The files that .gitattributes does not call binary. */
function textFiles(candidates) {
  if (candidates.length === 0) return [];
  const answer = gitOf(candidates.join('\0'), '-C', root, 'check-attr', '--stdin', '-z', 'text').split('\0');
  return candidates.filter((_, i) => answer[3 * i + 2] !== 'unset');
}

function hasCrlf(file) {
  try {
    const bytes = readFileSync(file);
    return bytes.includes('\r\n') && !bytes.subarray(0, 8000).includes(0);
  } catch {
    return false; // a link, a submodule, or gone from the working tree
  }
}
