#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../bundle/main.js', import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  console.error('[ERROR] validator is not built\n  Build it: make build');
  process.exitCode = 4;
}
