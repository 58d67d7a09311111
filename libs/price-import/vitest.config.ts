import { projectTests } from '../../vitest.shared.ts';

export default projectTests('price-import', import.meta.dirname);
