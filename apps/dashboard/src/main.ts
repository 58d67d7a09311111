import type { Catalogue } from '@ta/dashboard-server/api';
import { ask } from './api-client.ts';
import { startTheme } from './theme.ts';
import { chartView } from './views/chart-view.ts';
import { findingsView } from './views/findings-view.ts';
import { freshnessView } from './views/freshness-view.ts';
import { glossaryView } from './views/glossary-view.ts';
import { runsView } from './views/runs-view.ts';
import { noticesOf, type Notices } from './views/notices.ts';
import type { View, World } from './views/view.ts';

const view = document.querySelector('#view') as HTMLElement;
const notice = document.querySelector('#notice') as HTMLElement;
const links = [...document.querySelectorAll<HTMLAnchorElement>('nav a')];

let shown: { readonly name: string; readonly view: View; readonly notices: Notices } | null = null;

/** Shows a message about what went wrong; null removes it. */
function say(text: string | null): void {
  notice.hidden = text === null;
  notice.textContent = text ?? '';
}

async function start(): Promise<void> {
  const catalogue = await ask<Catalogue>('catalogue');
  (document.querySelector('#target') as HTMLElement).textContent = catalogue.target;
  const views: Readonly<Record<string, (world: World) => View>> = {
    chart: chartView,
    freshness: freshnessView,
    runs: runsView,
    findings: findingsView,
    glossary: glossaryView,
  };

  const route = (): void => {
    const [, path = '', query = ''] = /^#?\/?([a-z]*)\??(.*)$/.exec(location.hash) ?? [];
    const name = path in views ? path : 'chart';
    for (const link of links) {
      if (link.getAttribute('href') === `#/${name}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (shown?.name !== name) {
      shown?.notices.close();
      shown?.view.leave?.();
      say(null);
      const notices = noticesOf(say);
      const made = (views[name] as (world: World) => View)({ catalogue, ...notices });
      shown = { name, view: made, notices };
      view.replaceChildren(made.root);
    }
    void shown.view.show(new URLSearchParams(query)).catch(shown.notices.fail);
  };
  addEventListener('hashchange', route);
  route();
}

startTheme(document.querySelector('#theme') as HTMLSelectElement, () => shown?.view.recolour?.());
start().catch((error: unknown) => say(String((error as Error).message)));
