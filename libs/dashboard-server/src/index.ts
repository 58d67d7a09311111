export { assertPolicy, isLoopback, type AccessPolicy } from './access.ts';
export { createApp, type AppSettings } from './create-app.ts';
export {
  EMBEDDED_TERMS,
  leaseDatabase,
  type HeldDatabase,
  type LeaseTerms,
  type ReadAccess,
} from './database-lease.ts';
export { DashboardError, type DashboardErrorCode } from './errors.ts';
export { serveDashboard, type Served, type ServeSettings } from './serve.ts';
