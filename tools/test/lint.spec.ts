import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const RULES = 'tools/bin/lint-rules.mjs';

interface LintSettings {
  jsPlugins: unknown[];
  rules: Record<string, unknown>;
  overrides: { rules: Record<string, unknown> }[];
}

/**
 * The settings without the boundary rule, which knows this workspace alone. Two imports are excused from it by a comment, and a
 * comment that excuses nothing is an error: so a boundary rule that does not run is noticed as well.
 */
function settings(): LintSettings {
  const text = readFileSync(path.join(ROOT, '.oxlintrc.json'), 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const read = JSON.parse(text) as LintSettings;
  for (const { rules } of [read, ...read.overrides]) delete rules['@nx/enforce-module-boundaries'];
  return { ...read, jsPlugins: [`./${RULES}`] };
}

/** A folder with lines that the rules refuse, each in a file of its own, as `[rule, folder, text]`. */
function lint(plants: readonly (readonly [rule: string, folder: string, text: string])[]): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'ta-lint-'));
  folders.push(folder);
  mkdirSync(path.join(folder, path.dirname(RULES)), { recursive: true });
  cpSync(path.join(ROOT, RULES), path.join(folder, RULES));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, '.oxlintrc.json'), JSON.stringify(settings()));
  const files = plants.map(([, where, text], i) => {
    const file = path.join(where, `plant-${i}.ts`);
    mkdirSync(path.join(folder, where), { recursive: true });
    writeFileSync(path.join(folder, file), `${text}\n`);
    return file;
  });
  const oxlint = path.join(ROOT, 'node_modules/oxlint/bin/oxlint');
  const run = spawnSync(process.execPath, [oxlint, '--format', 'json'], { cwd: folder, encoding: 'utf8' });
  const found = JSON.parse(run.stdout) as { diagnostics: { filename: string; code: string }[] };
  // `eslint(no-var)`
  const ruleOf = (code: string) => code.replace(/^.*\(|\)$/g, '');
  return files.map((file) => {
    const ofFile = found.diagnostics.filter(({ filename }) => path.normalize(filename) === file);
    return [...new Set(ofFile.map(({ code }) => ruleOf(code)))].sort();
  });
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const LIB = 'libs/alerts/src';
const CORE = 'libs/ema-core/src/kernel';
const anyFunction = (body: string) => `export function f(a: { b: 1; c(): void }) { ${body} }`;
const six = 'a: 1, b: 1, c: 1, d: 1, e: 1, g: 1';

/** A line that each rule refuses and no other one does. */
const REFUSED: readonly (readonly [rule: string, folder: string, text: string])[] = [
  ['no-array-constructor', LIB, 'export const a = new Array(1, 2);'],
  ['no-unused-expressions', LIB, anyFunction('a.b && a.c();')],
  ['no-unused-vars', LIB, 'const a = 1;\nexport {};'],
  ['no-unused-vars', LIB, 'export function f(_a: 1, b: 1) {}'],
  ['no-unused-vars', LIB, 'interface A { a: 1 }\nexport {};'],
  ['no-types-of-unused', LIB, 'const a = 1;\nexport type A = typeof a;'],
  ['no-types-of-unused', LIB, 'function a() {}\nexport type A = ReturnType<typeof a>;'],
  ['no-var', LIB, anyFunction('var x = 1; return [a, x];')],
  ['prefer-const', LIB, anyFunction('let x = 1; return [a, x];')],
  ['prefer-rest-params', LIB, anyFunction('return [a, arguments[0]];')],
  ['prefer-spread', LIB, 'export function f(g: () => void, a: []) { return g.apply(undefined, a); }'],
  ['ban-ts-comment', LIB, '// @ts-ignore\nexport const a = 1;'],
  ['no-duplicate-enum-values', LIB, 'export enum A { b = 1, c = 1 }'],
  ['no-empty-object-type', LIB, 'export type A = {};'],
  ['no-explicit-any', LIB, 'export const a: any = 1;'],
  ['no-extra-non-null-assertion', LIB, 'export function f(a?: { b: 1 }) { return a!!.b; }'],
  ['no-misused-new', LIB, 'export interface A { new (): A; a: 1 }'],
  ['no-namespace', LIB, 'export namespace A { export const b = 1; }'],
  ['no-non-null-asserted-optional-chain', LIB, 'export function f(a?: { b: 1 }) { return a?.b!; }'],
  ['no-require-imports', LIB, 'export const a = require("fs");'],
  ['no-this-assignment', LIB, 'export function f(this: object) { const self = this; return self; }'],
  ['no-unnecessary-type-constraint', LIB, 'export type A<T extends unknown> = T[];'],
  ['no-unsafe-declaration-merging', LIB, 'export interface A { a: 1 }\nexport class A { b = 1; }'],
  ['no-unsafe-function-type', LIB, 'export type A = Function;'],
  ['no-wrapper-object-types', LIB, 'export type A = String;'],
  ['prefer-as-const', LIB, 'export const a: "x" = "x";'],
  ['triple-slash-reference', LIB, '/// <reference path="x" />\nexport const a = 1;'],
  ['consistent-type-imports', LIB, 'import { Chat } from "./telegram.ts";\nexport type A = Chat;'],
  ['max-params', LIB, `export const f = (${six}) => [a, b, c, d, e, g];`],
  ['no-restricted-properties', LIB, 'it.only("a", () => 1);\nexport {};'],
  ['no-restricted-properties', LIB, 'describe.only("a", () => 1);\nexport {};'],
  ['no-restricted-imports', CORE, 'import fs from "fs";\nexport { fs };'],
  ['no-restricted-imports', CORE, 'import { a } from "node:fs";\nexport { a };'],
  ['no-restricted-imports', CORE, 'export { a } from "node:fs/promises";'],
  ['no-restricted-globals', CORE, 'export const a = process;'],
  ['no-restricted-globals', CORE, 'export const a = () => performance.now();'],
  ['no-restricted-properties', CORE, 'export const a = Date.now();'],
  ['no-restricted-properties', CORE, 'const { random } = Math;\nexport { random };'],
  ['no-clock', CORE, 'export const a = new Date();'],
  ['no-restricted-imports', 'apps/cli/src', 'import yargs from "yargs";\nexport { yargs };'],
  ['no-restricted-imports', 'tools/src', 'import { hideBin } from "yargs/helpers";\nexport { hideBin };'],
];

/** Lines that look like refused ones. */
const TAKEN: readonly (readonly [name: string, folder: string, text: string])[] = [
  ['an instant given', CORE, 'export const a = (ms: number) => new Date(ms);'],
  ['files beside', CORE, 'export { a } from "./x.ts";\nexport { b } from "../y/z.ts";'],
  ['the clock outside of the cores', LIB, 'export const a = () => [new Date(), Date.now(), process.env];'],
  ['a type of something exported', LIB, 'export const a = 1;\nexport type A = typeof a;'],
  ['a type of something used', LIB, 'const a = [1] as const;\nexport const b = a.length;\nexport type A = typeof a;'],
  ['what is said to be unused', LIB, 'export function f(_a: 1) {}'],
];

describe('the lint step', () => {
  it('refuses a planted line of each rule, and nothing else in it', () => {
    const found = lint(REFUSED);
    expect(REFUSED.map(([, , text], i) => [text, found[i]])).toEqual(REFUSED.map(([rule, , text]) => [text, [rule]]));
    const { rules, overrides } = settings();
    const all = [rules, ...overrides.map((one) => one.rules)].flatMap(Object.keys).map((name) => path.basename(name));
    // who breaks it breaks `no-namespace` as well
    const alone = new Set(all.filter((name) => name !== 'prefer-namespace-keyword'));
    expect(new Set(REFUSED.map(([rule]) => rule))).toEqual(alone);
  });

  it('takes what only looks like it', () => {
    const found = lint(TAKEN);
    expect(TAKEN.map(([name], i) => [name, found[i]])).toEqual(TAKEN.map(([name]) => [name, []]));
  });
});
