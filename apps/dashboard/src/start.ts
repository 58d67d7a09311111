import { prefetch } from './api-client.ts';

// Both are requested before the rest of the program is loaded: a complete address of a chart does not need the catalogue first.
prefetch('catalogue', '');
const asked = /^#\/chart\?(id=\d{1,9}&source=[^&]+&tf=[^&]+&emas=[^&]*&limit=\d+)$/.exec(location.hash)?.[1];
if (asked !== undefined) prefetch('chart', new URLSearchParams(asked).toString());
void import('./main.ts');
