/** What one view announces. */
export interface Notices {
  /** Shows a message about what went wrong; null removes it. */
  say(text: string | null): void;
  /** Shows why something failed. That a request was given up is no failure. */
  fail(error: unknown): void;
  /** Ends them when the view is left: what it still does is nobody's concern. */
  close(): void;
}

/** The notices of a view, shown by `show` until they are closed. */
export function noticesOf(show: (text: string | null) => void): Notices {
  let isOpen = true;
  const say = (text: string | null): void => {
    if (isOpen) show(text);
  };
  return {
    say,
    fail(error) {
      if ((error as Error).name !== 'AbortError') say((error as Error).message);
    },
    close: () => void (isOpen = false),
  };
}
