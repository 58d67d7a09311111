export { EmaError, type EmaErrorCode, type EmaErrorDetails } from './errors.ts';
export type { EmaOptions, NanPolicy, Seed } from './kernel-options.ts';
export { emaLookback } from './kernel.ts';
export { ema } from './batch.ts';
export { emas, emaStream, type EmaStream } from './emas.ts';
export { EMA_CONVENTIONS } from './conventions.ts';
