import fc from 'fast-check';

// all property tests of a run start from the seed that vitest.shared.ts draws and prints
fc.configureGlobal({ seed: Number(process.env['TA_SEED']) });
