const KEY = 'ta-theme';

/** Colours that are drawn on a canvas, read from the style sheet. */
export interface Palette {
  readonly text: string;
  readonly grid: string;
  readonly up: string;
  readonly down: string;
  readonly partial: string;
  readonly gap: string;
  readonly reject: string;
  readonly emas: readonly string[];
}

/** Lets the user choose a theme, stores the choice, and reports when colours change. */
export function startTheme(select: HTMLSelectElement, changed: () => void): void {
  const apply = (): void => {
    document.documentElement.dataset['theme'] = select.value;
    changed();
  };
  select.value = localStorage.getItem(KEY) ?? 'auto';
  apply();
  select.addEventListener('change', () => {
    localStorage.setItem(KEY, select.value);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

/** The colours of the current theme. */
export function palette(): Palette {
  // a `light-dark()` colour has a value only on an element that uses it
  const probe = document.body.appendChild(document.createElement('span'));
  probe.hidden = true;
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    text: colour('text'),
    grid: colour('grid'),
    up: colour('up'),
    down: colour('down'),
    partial: colour('partial'),
    gap: colour('gap'),
    reject: colour('reject'),
    emas: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => colour(`ema-${n}`)),
  };
  probe.remove();
  return colours;
}
