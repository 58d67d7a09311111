#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// Most runs are short, and Node 20 spends time on optimising code that hardly runs again. If it waits twice as long, it
// optimises only what a long run repeats. Later versions do not know the flag; they cache what they compile if the folder is
// writable.
if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=300000');
else module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

const program = new URL('../bundle/main.js', import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  console.error('[ERROR] ta is not built\n  Build it: make build');
  process.exitCode = 4;
}
