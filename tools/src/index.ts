export { startPostgres, type KillMode, type PostgresServer, type PostgresServerOptions } from './postgres-server.ts';
