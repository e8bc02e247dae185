/** What the disk looks like. A row that is written costs the most of all that a user pays for, so rows are few. */
export const SCHEMA_VERSION = 1;

/**
 * `claims` has a slot for each claim, not a key that names it: the row of an ended claim can then be overwritten by
 * the next one, so that the greatest token stays on disk and costs no row of its own.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    client TEXT NOT NULL,
    ttl_ms INTEGER NOT NULL,
    applied_through INTEGER NOT NULL,
    refused TEXT NOT NULL,
    expires_at_ms INTEGER
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS claims (
    slot INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    session TEXT NOT NULL,
    request_id INTEGER NOT NULL,
    permits INTEGER NOT NULL,
    requested_at_ms INTEGER NOT NULL,
    ticket INTEGER NOT NULL,
    deadline_ms INTEGER,
    token INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    detail TEXT
  );
`;

/** What calls with an idempotency key were answered. Made when there first is one. */
export const ANSWERS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    text TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

/** What streams have besides. */
export const ITEMS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS items (
    seq INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    redelivered INTEGER NOT NULL,
    session TEXT,
    request_id INTEGER,
    end_token INTEGER
  );
`;

/** A row of `claims`. `at_ms` is when it was granted, or when it ended. */
export interface ClaimRow extends Record<string, SqlStorageValue> {
  slot: number;
  state: "waiting" | "held" | "ended";
  session: string;
  request_id: number;
  permits: number;
  requested_at_ms: number;
  ticket: number;
  deadline_ms: number | null;
  token: number;
  at_ms: number;
  /** JSON. */
  detail: string | null;
}

/** A row of `items`. The last three say who was given it, if anybody was. */
export interface ItemRow extends Record<string, SqlStorageValue> {
  seq: number;
  text: string;
  redelivered: number;
  session: string | null;
  request_id: number | null;
  end_token: number | null;
}

export interface AnswerRow extends Record<string, SqlStorageValue> {
  fingerprint: string;
  text: string;
  expires_at_ms: number;
}

export interface SessionRow extends Record<string, SqlStorageValue> {
  id: string;
  secret_hash: string;
  client: string;
  ttl_ms: number;
  applied_through: number;
  /** A JSON array of request ids. */
  refused: string;
  expires_at_ms: number | null;
}
