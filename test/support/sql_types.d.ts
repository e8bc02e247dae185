/** What a column holds, as objects/host/schema.ts knows it from workerd's types, for tests that run in Node. */
type SqlStorageValue = ArrayBuffer | string | number | null;
