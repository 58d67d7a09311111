import { defineConfig } from 'vitest/config';
import { testSettings } from './vitest.shared.ts';

// one project of them all: each worker loads every library once, and each file is transformed once
const { test, ...settings } = testSettings(import.meta.dirname, ['libs/*/', 'apps/*/', 'tools/']);

// a worker that has loaded everything takes a while to end on a busy machine
export default defineConfig({ ...settings, test: { ...test, maxWorkers: 2, teardownTimeout: 60_000 } });
