// What producer.ts expects of a query layer.

import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A row, as the query layer returns it. */
export type Row = Record<string, unknown>;

/** The member of the interface that a kind of column fills, and the name of its column. */
export type Kinds = Record<string, { readonly member: string; readonly column: string }>;

export interface Store {
  /** The kinds of columns, by the names that people know them by. */
  readonly kinds: Kinds;
  /** Read the one row with a column of this kind, beside a text id and a status. */
  readKind(kind: string): Promise<Row | undefined>;
  /** Insert a queued job, and return its key. */
  create(): Promise<unknown>;
  read(id: string): Promise<Row | undefined>;
  setStatus(id: string, status: string): Promise<void>;
  /** Drop the database and close the connection. */
  close(): Promise<void>;
}

/** The file of a database in SQLite. */
export function sqliteFile(database: string): string {
  return join(tmpdir(), `${database}.sqlite`);
}

/** The values of the row that `readKind` reads. */
export const MOMENT = new Date('2026-11-23T14:40:00.123Z');
export const PROGRESS = 33.3;
export const UUID = '3f2b8c1e-7d54-4a6b-9c0e-5b1d2f8a9e47';
