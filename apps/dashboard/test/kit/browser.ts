import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const PLACES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
);

/** Chromium of the system: `CHROMIUM_PATH`, else the usual places; null when there is none, which is said. */
export function findChromium(): string | null {
  const given = process.env['CHROMIUM_PATH'] ?? '';
  const found = given === '' ? PLACES.find(isThere) : given;
  if (found !== undefined) return found;
  process.stderr.write('\nSKIPPED: tests of the chart page in a browser (no Chromium found; set CHROMIUM_PATH)\n\n');
  return null;
}

function isThere(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How long anything may take on a busy machine before it counts as a hang. */
const LIMIT_MS = 100_000;

/** A browser with an empty profile, as it runs on a machine without a screen or a network. */
export async function openBrowser(
  executablePath: string,
): Promise<{ context: BrowserContext; close(): Promise<void> }> {
  const profile = await mkdtemp(path.join(tmpdir(), 'ta-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    timeout: LIMIT_MS,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', '--force-color-profile=srgb'],
    ],
    viewport: { width: 1280, height: 860 },
    colorScheme: 'light',
    locale: 'en-GB',
  });
  context.setDefaultTimeout(LIMIT_MS);
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
