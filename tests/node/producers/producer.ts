// A service that keeps jobs in a table, written as teams write them: it reads a row and sends
// JSON.stringify(row). Run: node producer.js STORE DATABASE. It prints its address, and drops its
// database when standard input ends.

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { open as openDrizzlePostgres, openSqlite as openDrizzleSqlite } from './with-drizzle.js';
import { openMysql, openPostgres, openSqlite } from './with-knex.js';
import type { Row, Store } from './store.js';

const STORES: Record<string, (database: string) => Promise<Store>> = {
  'knex, better-sqlite3': openSqlite,
  'knex, node-postgres': openPostgres,
  'knex, mysql2': openMysql,
  'Drizzle, better-sqlite3': openDrizzleSqlite,
  'Drizzle, node-postgres': openDrizzlePostgres,
};

const [, , name = '', database = randomUUID()] = process.argv;
const open = STORES[name];
if (open === undefined) {
  throw new Error(`expected one of ${Object.keys(STORES).join('; ')}, got ${name}`);
}
const store = await open(database);

async function answer({ method = '', url = '' }: IncomingMessage): Promise<Row | undefined> {
  const [kind = '', key = '', action = ''] = url.slice(1).split('/').map(decodeURIComponent);
  switch (`${method} ${kind} ${action}`) {
    case 'GET kinds ':
      return store.readKind(key);
    case 'POST jobs ':
      return { id: await store.create() };
    case 'GET jobs ':
      return store.read(key);
    case 'GET jobs status': {
      const row = await store.read(key);
      return row && { status: row['status'], error: row['error'] };
    }
    case 'POST jobs cancel': // the user
      await store.setStatus(key, 'cancelled');
      return {};
    case 'POST jobs complete': // the worker, which does not look at the old status
      await store.setStatus(key, 'completed');
      return {};
    default:
      return undefined;
  }
}

const server = createServer((request, response) => {
  answer(request)
    .then((row) => {
      const body = JSON.stringify(row);
      response.writeHead(row === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
      response.end(body);
    })
    .catch((error: unknown) => {
      response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.end(String(error));
    });
});
server.listen(0, '127.0.0.1', () => {
  const kinds = Object.keys(store.kinds);
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ port, kinds }));
});

process.stdin.resume();
process.stdin.on('end', () => {
  server.close();
  server.closeAllConnections();
  void store.close();
});
