import { prefetch } from './api-client.ts';

// Asked for before the rest of the program is even read: an address that says it all needs no catalogue first.
prefetch('catalogue', '');
const asked = /^#\/chart\?(id=\d{1,9}&source=[^&]+&tf=[^&]+&emas=[^&]*&limit=\d+)$/.exec(location.hash)?.[1];
if (asked !== undefined) prefetch('chart', new URLSearchParams(asked).toString());
void import('./main.ts');
