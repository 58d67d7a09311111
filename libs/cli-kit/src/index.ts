export { CliError } from './cli-error.ts';
export { EXIT, EXIT_CODE_HELP } from './exit-codes.ts';
export { formatIds, parseIds, type IdSelection } from './ids.ts';
export { nearestName, selectNames } from './names.ts';
export { createRedact, type Redact } from './redact.ts';
export { banner, seconds, summaryBlock, type SummaryPart } from './summary.ts';
export { failureLines, hintOf } from './failure-lines.ts';
export { parseInstantFlag } from './instant-flag.ts';
export { readSurroundings, type Surroundings } from './surroundings.ts';
