export { EmaError, type EmaErrorCode, type EmaErrorDetails } from './errors.ts';
export type { EmaInput } from './float-input.ts';
export type { EmaKey, EmaParameter } from './parameter.ts';
export type { EmaOptions, NanPolicy, Seed } from './kernel-options.ts';
export { emaLookback } from './kernel.ts';
export { ema } from './batch.ts';
export { emas, emaStream, type EmaStream, type EmaStreamSnapshot } from './emas.ts';
export { ewmStd, ewmVar, type EwmOptions } from './ewm.ts';
export { EMA_CONVENTIONS } from './conventions.ts';
