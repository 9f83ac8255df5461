// The table through Drizzle's query layer, with two drivers.

import Database from 'better-sqlite3';
import { eq, sql } from 'drizzle-orm';
import { drizzle as drizzleSqlite } from 'drizzle-orm/better-sqlite3';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import * as pg from 'drizzle-orm/pg-core';
import * as lite from 'drizzle-orm/sqlite-core';
import postgres from 'pg';
import { rm } from 'node:fs/promises';
import { MOMENT, PROGRESS, UUID, sqliteFile, type Kinds, type Row, type Store } from './store.js';

const LITE = lite.sqliteTable('kinds', {
  idInteger: lite.integer('id_integer').primaryKey({ autoIncrement: true }),
  idText: lite.text('id_text').notNull(),
  status: lite.text('status').notNull(),
  statusAmerican: lite.text('status_american').notNull(),
  progressInteger: lite.integer('progress_integer'),
  progressReal: lite.real('progress_real'),
  progressNumeric: lite.numeric('progress_numeric'),
  dateSeconds: lite.integer('date_seconds', { mode: 'timestamp' }),
  dateMilliseconds: lite.integer('date_milliseconds', { mode: 'timestamp_ms' }),
  dateInteger: lite.integer('date_integer'),
  dateText: lite.text('date_text'),
  dateNow: lite.text('date_now').default(sql`CURRENT_TIMESTAMP`),
  error: lite.text('error'),
});

const LITE_KINDS = {
  'integer(), primary key': { member: 'id', column: 'idInteger' },
  'text()': { member: 'id', column: 'idText' },
  'integer()': { member: 'progress', column: 'progressInteger' },
  'real()': { member: 'progress', column: 'progressReal' },
  'numeric()': { member: 'progress', column: 'progressNumeric' },
  "integer(), mode 'timestamp'": { member: 'estimatedCompletion', column: 'dateSeconds' },
  "integer(), mode 'timestamp_ms'": { member: 'estimatedCompletion', column: 'dateMilliseconds' },
  'integer(), milliseconds': { member: 'estimatedCompletion', column: 'dateInteger' },
  'text(), ISO 8601': { member: 'estimatedCompletion', column: 'dateText' },
  'text(), filled by CURRENT_TIMESTAMP': { member: 'estimatedCompletion', column: 'dateNow' },
  'text(), nullable': { member: 'error', column: 'error' },
  "text(), 'canceled'": { member: 'status', column: 'statusAmerican' },
} as const satisfies Kinds;

const LITE_JOBS = lite.sqliteTable('jobs', {
  id: lite.integer('id').primaryKey({ autoIncrement: true }),
  status: lite.text('status').notNull(),
  progress: lite.numeric('progress'),
  error: lite.text('error'),
});

export function openSqlite(database: string): Promise<Store> {
  const file = sqliteFile(database);
  const connection = new Database(file);
  const db = drizzleSqlite(connection);
  db.run(sql`CREATE TABLE kinds (
    id_integer INTEGER PRIMARY KEY AUTOINCREMENT, id_text TEXT, status TEXT, status_american TEXT,
    progress_integer INTEGER, progress_real REAL, progress_numeric NUMERIC, date_seconds INTEGER,
    date_milliseconds INTEGER, date_integer INTEGER, date_text TEXT,
    date_now TEXT DEFAULT CURRENT_TIMESTAMP, error TEXT)`);
  db.run(sql`CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT NOT NULL, progress NUMERIC, error TEXT)`);
  db.insert(LITE)
    .values({
      idText: UUID,
      status: 'processing',
      statusAmerican: 'canceled',
      progressInteger: 33,
      progressReal: PROGRESS,
      progressNumeric: String(PROGRESS),
      dateSeconds: MOMENT,
      dateMilliseconds: MOMENT,
      dateInteger: MOMENT.getTime(),
      dateText: MOMENT.toISOString(),
    })
    .run();
  return Promise.resolve({
    kinds: LITE_KINDS,
    readKind(kind): Promise<Row | undefined> {
      const found = find(LITE_KINDS, kind);
      if (found === undefined) {
        return Promise.resolve(undefined);
      }
      const columns = { id: LITE.idText, status: LITE.status, [found.member]: LITE[found.column] };
      return Promise.resolve(db.select(columns).from(LITE).get());
    },
    create(): Promise<unknown> {
      const values = { status: 'queued', progress: '0' };
      return Promise.resolve(db.insert(LITE_JOBS).values(values).returning().get().id);
    },
    read(id): Promise<Row | undefined> {
      return Promise.resolve(
        db.select().from(LITE_JOBS).where(eq(LITE_JOBS.id, Number(id))).get(),
      );
    },
    setStatus(id, status): Promise<void> {
      db.update(LITE_JOBS).set({ status }).where(eq(LITE_JOBS.id, Number(id))).run();
      return Promise.resolve();
    },
    close(): Promise<void> {
      connection.close();
      return rm(file);
    },
  });
}

const TABLE = pg.pgTable('kinds', {
  idSerial: pg.serial('id_serial').primaryKey(),
  idNumber: pg.bigserial('id_number', { mode: 'number' }),
  idBigint: pg.bigserial('id_bigint', { mode: 'bigint' }),
  idUuid: pg.uuid('id_uuid').notNull(),
  status: pg.text('status').notNull(),
  statusAmerican: pg.text('status_american').notNull(),
  progressInteger: pg.integer('progress_integer'),
  progressDouble: pg.doublePrecision('progress_double'),
  progressNumeric: pg.numeric('progress_numeric', { precision: 5, scale: 2 }),
  dateDate: pg.timestamp('date_date', { withTimezone: true, precision: 3 }),
  dateString: pg.timestamp('date_string', { withTimezone: true, precision: 3, mode: 'string' }),
  dateNaive: pg.timestamp('date_naive', { precision: 3, mode: 'string' }),
  dateBigint: pg.bigint('date_bigint', { mode: 'number' }),
  error: pg.text('error'),
});

const KINDS = {
  'serial()': { member: 'id', column: 'idSerial' },
  "bigserial(), mode 'number'": { member: 'id', column: 'idNumber' },
  "bigserial(), mode 'bigint'": { member: 'id', column: 'idBigint' },
  'uuid()': { member: 'id', column: 'idUuid' },
  'integer()': { member: 'progress', column: 'progressInteger' },
  'doublePrecision()': { member: 'progress', column: 'progressDouble' },
  'numeric()': { member: 'progress', column: 'progressNumeric' },
  'timestamp(), withTimezone': { member: 'estimatedCompletion', column: 'dateDate' },
  "timestamp(), withTimezone, mode 'string'": {
    member: 'estimatedCompletion',
    column: 'dateString',
  },
  "timestamp(), mode 'string'": { member: 'estimatedCompletion', column: 'dateNaive' },
  "bigint(), mode 'number', milliseconds": {
    member: 'estimatedCompletion',
    column: 'dateBigint',
  },
  'text(), nullable': { member: 'error', column: 'error' },
  "text(), 'canceled'": { member: 'status', column: 'statusAmerican' },
} as const satisfies Kinds;

const JOBS = pg.pgTable('jobs', {
  id: pg.serial('id').primaryKey(),
  status: pg.text('status').notNull(),
  progress: pg.numeric('progress', { precision: 5, scale: 2 }),
  error: pg.text('error'),
});

const SERVER = { host: '127.0.0.1', user: 'root' };

async function administer(statement: string): Promise<void> {
  const client = new postgres.Client({ ...SERVER, database: 'postgres' });
  await client.connect();
  await client.query(statement);
  await client.end();
}

export async function open(database: string): Promise<Store> {
  const quoted = postgres.escapeIdentifier(database);
  await administer(`CREATE DATABASE ${quoted}`);
  const pool = new postgres.Pool({ ...SERVER, database });
  const db = drizzlePostgres(pool);
  await db.execute(sql`CREATE TABLE kinds (
    id_serial SERIAL PRIMARY KEY, id_number BIGSERIAL, id_bigint BIGSERIAL, id_uuid UUID,
    status TEXT, status_american TEXT, progress_integer INTEGER, progress_double DOUBLE PRECISION,
    progress_numeric NUMERIC(5, 2), date_date TIMESTAMPTZ(3), date_string TIMESTAMPTZ(3),
    date_naive TIMESTAMP(3), date_bigint BIGINT, error TEXT)`);
  await db.execute(sql`CREATE TABLE jobs (
    id SERIAL PRIMARY KEY, status TEXT NOT NULL, progress NUMERIC(5, 2), error TEXT)`);
  await db.insert(TABLE).values({
    idUuid: UUID,
    status: 'processing',
    statusAmerican: 'canceled',
    progressInteger: 33,
    progressDouble: PROGRESS,
    progressNumeric: String(PROGRESS),
    dateDate: MOMENT,
    dateString: MOMENT.toISOString(),
    dateNaive: MOMENT.toISOString(),
    dateBigint: MOMENT.getTime(),
  });
  return {
    kinds: KINDS,
    async readKind(kind): Promise<Row | undefined> {
      const found = find(KINDS, kind);
      if (found === undefined) {
        return undefined;
      }
      const columns = {
        id: TABLE.idUuid,
        status: TABLE.status,
        [found.member]: TABLE[found.column],
      };
      return (await db.select(columns).from(TABLE))[0];
    },
    async create(): Promise<unknown> {
      const rows = await db.insert(JOBS).values({ status: 'queued', progress: '0' }).returning();
      return rows[0]?.id;
    },
    async read(id): Promise<Row | undefined> {
      return (await db.select().from(JOBS).where(eq(JOBS.id, Number(id))))[0];
    },
    async setStatus(id, status): Promise<void> {
      await db.update(JOBS).set({ status }).where(eq(JOBS.id, Number(id)));
    },
    async close(): Promise<void> {
      await pool.end();
      await administer(`DROP DATABASE ${quoted}`);
    },
  };
}

function find<K extends Kinds>(kinds: K, kind: string): K[keyof K] | undefined {
  return Object.hasOwn(kinds, kind) ? kinds[kind as keyof K] : undefined;
}
