import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PRICES_FOLDER } from '../../../../libs/pipeline/test/real-prices.ts';

export const CLONE = path.resolve(import.meta.dirname, '../../../..');

/** The files of the README, and those among the real prices that take their place. */
export const FILES = { 'ethereum.csv': 'coin_Ethereum.csv', 'cardano.csv': 'coin_Cardano.csv' };

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** What a block printed. */
export interface Printed {
  readonly text: string;
  readonly beside: string;
}

/** The fenced blocks of a page of this repository, in their order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(path.join(CLONE, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, block]) => ({
    language: language as string,
    text: block as string,
  }));
}

/**
 * Puts the files of the README into a folder.
 * @param newest how many of its newest days a file has, by name; all without
 */
export function copyPriceFiles(folder: string, newest: Readonly<Record<string, number>> = {}): void {
  for (const [name, real] of Object.entries(FILES)) {
    const [head, ...lines] = readFileSync(path.join(PRICES_FOLDER, real), 'utf8').trimEnd().split('\n');
    writeFileSync(path.join(folder, name), [head, ...lines.slice(-(newest[name] ?? lines.length)), ''].join('\n'));
  }
}

/** Lines without the blanks around them, which Markdown and editors take away. */
export function tidy(text: string): string {
  const lines = text.trim().split('\n');
  return `\n${lines.map((line) => line.trim()).join('\n')}`;
}

/** Whether a block printed a tidy text: at its end, or as a warning beside it. */
export function hasPrinted({ text, beside }: Printed, wanted: string): boolean {
  return tidy(text).endsWith(wanted) || `${tidy(beside)}\n`.includes(`${wanted}\n`);
}
