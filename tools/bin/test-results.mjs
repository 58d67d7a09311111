// A reporter of vitest: writes to the file TA_TEST_RESULTS what check.mjs prints at its end about the run.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const MESSAGE_LINES = 12;
const LINE_LENGTH = 300;
const root = path.resolve(import.meta.dirname, '../..');

export default class TestResults {
  /** Counts the tests, and keeps the names of those that were skipped and everything that failed, in a test or not. */
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state) => tests.filter((test) => test.result().state === state);
    const failures = [
      ...modules.filter(hasErrors).map((module) => failure(module, 'failed to load', module.errors())),
      ...modules
        .flatMap((module) => [...module.children.allSuites()])
        .filter(hasErrors)
        .map((suite) => failure(suite.module, suite.fullName, suite.errors())),
      ...inState('failed').map((test) => failure(test.module, test.fullName, test.result().errors)),
      ...unhandledErrors.map((error) => ({ name: 'outside of any test', message: messageOf(error) })),
    ];
    const results = {
      seed: process.env.TA_SEED,
      passed: inState('passed').length,
      failed: inState('failed').length,
      skipped: inState('skipped').map(({ fullName }) => fullName.replaceAll('\n', ' ')),
      failures,
    };
    writeFileSync(process.env.TA_TEST_RESULTS, JSON.stringify(results));
  }
}

function hasErrors(task) {
  return task.errors().length > 0;
}

function failure(module, name, [error]) {
  return { name: `${path.relative(root, module.moduleId)} > ${name.replaceAll('\n', ' ')}`, message: messageOf(error) };
}

/** The start of a message, with the difference, its cause, and the line of our own code where it occurred. */
function messageOf({ message = '', diff = '', cause, stacks = [] }) {
  const why = cause?.message === undefined ? [] : [`Caused by: ${String(cause.message).split('\n', 1)[0]}`];
  const frame = stacks.find(({ file }) => !file.includes('node_modules'));
  const where = frame === undefined ? [] : [`at ${path.relative(root, frame.file)}:${frame.line}`];
  const lines = stripVTControlCharacters(`${message}\n${diff}`).split('\n');
  const shown = lines.filter((line) => line.trim() !== '').slice(0, MESSAGE_LINES - why.length - where.length);
  return [...where, ...shown, ...why].map((line) => line.slice(0, LINE_LENGTH));
}
