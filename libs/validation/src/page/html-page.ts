import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { PageData } from './page-data.ts';

/**
 * The page of a validation: one HTML document with styles, scripts, charting library and data in it. It loads nothing from
 * elsewhere (its content security policy forbids it), and inserts every value as text, so that none can become markup.
 */
export function htmlPage(data: PageData): string {
  const scripts = [chartLibrary(), asset('page.js')].map(scriptSafe);
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
  const policy = `default-src 'none'; script-src ${hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  const verdict = data.isPassed ? 'passed' : 'failed';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<link rel="icon" href="data:,">
<title>Validation ${verdict}: ${escaped(data.target)}, ${escaped(data.asOf)}</title>
<style>
${asset('page.css')}</style>
</head>
<body>
<noscript>Validation ${verdict}: ${data.sums.findings} findings. This page needs JavaScript to show them.</noscript>
<main id="page"></main>
<script type="application/json" id="data">${jsonForHtml(data)}</script>
${scripts.map((text) => `<script>${text}</script>`).join('\n')}
</body>
</html>
`;
}

/** JSON that is safe inside a script element: no character of it can end the element or start a comment. */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('&', '\\u0026')
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Escapes code so that it cannot end the script element that it is put into. */
function scriptSafe(code: string): string {
  return code.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');
}

function asset(name: string): string {
  return readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8');
}

/** The standalone build of lightweight-charts, from its package. */
function chartLibrary(): string {
  const description = createRequire(import.meta.url).resolve('lightweight-charts/package.json');
  return readFileSync(path.join(path.dirname(description), 'dist/lightweight-charts.standalone.production.js'), 'utf8');
}
