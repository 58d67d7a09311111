export { EMBEDDED_TERMS, leaseDatabase } from './database-lease.ts';
export { DashboardError } from './errors.ts';
export { serveDashboard, type Served } from './serve.ts';
