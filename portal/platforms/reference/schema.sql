CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY AUTOINCREMENT, handle TEXT UNIQUE, name TEXT DEFAULT '',
    region TEXT DEFAULT '', agency TEXT DEFAULT '', language TEXT DEFAULT 'en', bio TEXT DEFAULT '', joined_at TEXT,
    closed INTEGER DEFAULT 0, bot INTEGER DEFAULT 0, minor INTEGER DEFAULT 0, devices TEXT DEFAULT '[]',
    payees TEXT DEFAULT '[]');
CREATE TABLE IF NOT EXISTS work (id INTEGER PRIMARY KEY AUTOINCREMENT, account_id INTEGER, title TEXT,
    published_at TEXT, deleted INTEGER DEFAULT 0, views INTEGER DEFAULT 0, media BLOB, kind TEXT DEFAULT 'video');
-- Removals, restrictions, labels and messages, each of a work or an account and under a key.
CREATE TABLE IF NOT EXISTS mark (kind TEXT, owner_id INTEGER, key TEXT, body TEXT, ended INTEGER DEFAULT 0,
    PRIMARY KEY (kind, owner_id, key));
-- A follow carries the orders that moved it, the last one last; what its follower chooses takes them away.
CREATE TABLE IF NOT EXISTS follow (account_id INTEGER, follower_id INTEGER, created_at TEXT, work_id INTEGER, kind TEXT,
    confirmed INTEGER DEFAULT 0, orders TEXT DEFAULT '[]', PRIMARY KEY (account_id, follower_id)) WITHOUT ROWID;
-- Follows that an order has ended because their follower followed both accounts.
CREATE TABLE IF NOT EXISTS ended (order_key TEXT, follower_id INTEGER, created_at TEXT, work_id INTEGER, kind TEXT,
    confirmed INTEGER, orders TEXT, PRIMARY KEY (order_key, follower_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unfollow (account_id INTEGER, follower_id INTEGER, PRIMARY KEY (account_id, follower_id));
CREATE TABLE IF NOT EXISTS block (account_id INTEGER, by INTEGER, PRIMARY KEY (account_id, by));
-- Who wants no order to change their follows.
CREATE TABLE IF NOT EXISTS optout (follower_id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL);
-- Faults that wait for calls of a path; `calls` more of them are answered as they should be first.
CREATE TABLE IF NOT EXISTS fault (id INTEGER PRIMARY KEY, kind TEXT, path TEXT, seconds REAL, calls INTEGER DEFAULT 0);
