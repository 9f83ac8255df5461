// The table through knex, with three drivers.

import createKnex, { type Knex } from 'knex';
import { rm } from 'node:fs/promises';
import { MOMENT, PROGRESS, UUID, sqliteFile, type Kinds, type Row, type Store } from './store.js';

const KINDS: Kinds = {
  'increments()': { member: 'id', column: 'id_increments' },
  'bigint()': { member: 'id', column: 'id_bigint' },
  'uuid()': { member: 'id', column: 'id_uuid' },
  'integer()': { member: 'progress', column: 'progress_integer' },
  'double()': { member: 'progress', column: 'progress_double' },
  'decimal(5, 2)': { member: 'progress', column: 'progress_decimal' },
  'timestamp()': { member: 'estimatedCompletion', column: 'date_timestamp' },
  'datetime()': { member: 'estimatedCompletion', column: 'date_datetime' },
  'datetime(), filled by fn.now()': { member: 'estimatedCompletion', column: 'date_now' },
  'bigint(), milliseconds': { member: 'estimatedCompletion', column: 'date_bigint' },
  'string(), ISO 8601': { member: 'estimatedCompletion', column: 'date_string' },
  'text().nullable()': { member: 'error', column: 'error' },
  "string(), 'canceled'": { member: 'status', column: 'status_american' },
};

class KnexStore implements Store {
  readonly kinds = KINDS;
  readonly #db: Knex;
  readonly #drop: () => Promise<void>;

  constructor(db: Knex, drop: () => Promise<void>) {
    this.#db = db;
    this.#drop = drop;
  }

  async start(): Promise<this> {
    await this.#db.schema.createTable('kinds', (table) => {
      table.increments('id_increments');
      table.bigint('id_bigint');
      table.uuid('id_uuid');
      table.string('status');
      table.string('status_american');
      table.integer('progress_integer');
      table.double('progress_double');
      table.decimal('progress_decimal', 5, 2);
      table.timestamp('date_timestamp', { precision: 3 });
      table.datetime('date_datetime', { precision: 3 });
      table.datetime('date_now').defaultTo(this.#db.fn.now());
      table.bigint('date_bigint');
      table.string('date_string');
      table.text('error').nullable();
    });
    await this.#db('kinds').insert({
      id_bigint: 42,
      id_uuid: UUID,
      status: 'processing',
      status_american: 'canceled',
      progress_integer: 33,
      progress_double: PROGRESS,
      progress_decimal: PROGRESS,
      date_timestamp: MOMENT,
      date_datetime: MOMENT,
      date_bigint: MOMENT.getTime(),
      date_string: MOMENT.toISOString(),
    });
    await this.#db.schema.createTable('jobs', (table) => {
      table.increments('id');
      table.string('status').notNullable();
      table.decimal('progress', 5, 2);
      table.text('error');
    });
    return this;
  }

  async readKind(kind: string): Promise<Row | undefined> {
    const found = KINDS[kind];
    if (found === undefined) {
      return undefined;
    }
    const columns = { id: 'id_uuid', status: 'status', [found.member]: found.column };
    return this.#db<Row>('kinds').first<Row>(columns);
  }

  async create(): Promise<unknown> {
    const inserted = await this.#db('jobs').insert({ status: 'queued', progress: 0 }, ['id']);
    const first: unknown = inserted[0];
    return typeof first === 'object' && first !== null && 'id' in first ? first.id : first;
  }

  async read(id: string): Promise<Row | undefined> {
    return this.#db<Row>('jobs').where({ id }).first<Row>('id', 'status', 'progress', 'error');
  }

  async setStatus(id: string, status: string): Promise<void> {
    await this.#db('jobs').where({ id }).update({ status });
  }

  async close(): Promise<void> {
    await this.#db.destroy();
    await this.#drop();
  }
}

export async function openSqlite(database: string): Promise<Store> {
  const connection = { filename: sqliteFile(database) };
  const db = createKnex({ client: 'better-sqlite3', connection, useNullAsDefault: true });
  return new KnexStore(db, () => rm(connection.filename)).start();
}

export async function openPostgres(database: string): Promise<Store> {
  return openServer('pg', { host: '127.0.0.1', user: 'root' }, 'postgres', database);
}

export async function openMysql(database: string): Promise<Store> {
  return openServer('mysql2', { host: '127.0.0.1', user: 'root' }, 'mysql', database);
}

async function openServer(
  client: string,
  server: Knex.StaticConnectionConfig,
  maintenance: string,
  database: string,
): Promise<Store> {
  const run = async (sql: string): Promise<void> => {
    const admin = createKnex({ client, connection: { ...server, database: maintenance } });
    await admin.raw(sql, [database]);
    await admin.destroy();
  };
  await run('CREATE DATABASE ??');
  const db = createKnex({ client, connection: { ...server, database } });
  return new KnexStore(db, () => run('DROP DATABASE ??')).start();
}
