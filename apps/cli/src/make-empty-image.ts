import { makeEmptyImage } from './empty-image.ts';

// run by the build (tools/bin/bundle-app.mjs)
await makeEmptyImage();
