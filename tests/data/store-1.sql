-- A store as schema 1 left it (roster 0.1): the schema and a few rows of each kind. Never edited: stores like it exist.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1383035764;
PRAGMA user_version = 1;

CREATE TABLE event (id INTEGER PRIMARY KEY, uuid ANY NOT NULL, source TEXT NOT NULL, received_ms INTEGER NOT NULL, published_ns INTEGER NOT NULL, type TEXT NOT NULL, via TEXT NOT NULL, skip_reason TEXT NOT NULL, skip_detail TEXT NOT NULL, subjects TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX event_uuid ON event (uuid, source);
CREATE TABLE person (number INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL, state INTEGER, due_ms INTEGER NOT NULL DEFAULT 0, due_since_ms INTEGER NOT NULL DEFAULT 0, since_ms INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, login TEXT NOT NULL DEFAULT '', display_name TEXT NOT NULL DEFAULT '', facts_ns INTEGER NOT NULL DEFAULT 0, app_user_name TEXT NOT NULL DEFAULT '', app_user_name_ns INTEGER NOT NULL DEFAULT 0, reason_code TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', cause TEXT NOT NULL DEFAULT '', create_sent_ms INTEGER NOT NULL DEFAULT 0, create_sent_name TEXT NOT NULL DEFAULT '', name_taken_ms INTEGER NOT NULL DEFAULT 0, agent_id TEXT NOT NULL DEFAULT '', agent_arn TEXT NOT NULL DEFAULT '', agent_user_name TEXT NOT NULL DEFAULT '', agent_since_ms INTEGER NOT NULL DEFAULT 0, may_adopt INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX person_id ON person (id, source);
CREATE INDEX person_state ON person (state, due_ms, due_since_ms) WHERE state IS NOT NULL;
CREATE TABLE membership (person INTEGER NOT NULL, kind INTEGER NOT NULL, container TEXT NOT NULL, name TEXT NOT NULL, is_member INTEGER NOT NULL, published_ns INTEGER NOT NULL, PRIMARY KEY (person, kind, container)) STRICT, WITHOUT ROWID;
CREATE TABLE step (id INTEGER PRIMARY KEY, sent_ms INTEGER NOT NULL, answered_ms INTEGER NOT NULL, source TEXT NOT NULL, user_id TEXT NOT NULL, instance TEXT NOT NULL, operation TEXT NOT NULL, cause TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL, request_id TEXT NOT NULL, text TEXT NOT NULL) STRICT;
CREATE INDEX step_user ON step (user_id, source);
CREATE INDEX step_failed ON step (id) WHERE outcome = 'failed';
CREATE TABLE call_count (operation TEXT PRIMARY KEY, sent INTEGER NOT NULL, throttled INTEGER NOT NULL, failed INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE skip_count (reason TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE pause (operation TEXT PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL, since_ms INTEGER NOT NULL, probe_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE kept_body (id INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, size INTEGER NOT NULL, why TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE total (events INTEGER NOT NULL) STRICT;
INSERT INTO total VALUES (0);
CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

-- uuid: 9a3c9a10-0ab3-11f0-8f5e-7b1f0c1e9a7d with its time in front, and one that is no uuid.
INSERT INTO event VALUES (1, X'11F00AB39A3C9A108F5E7B1F0C1E9A7D', 'okta', 1000, 7, 'application.user_membership.add', 'hook', '', '', '00uann');
INSERT INTO event VALUES (2, 'sha256:00ff', 'okta', 2000, 8, 'user.session.start', 'hook', 'other_type', '', '');
UPDATE total SET events = 2;
INSERT INTO person (number, id, source, state, due_ms, due_since_ms, since_ms, attempts, login, display_name, facts_ns,
  app_user_name, app_user_name_ns, cause) VALUES (1, '00uann', 'okta', 0, 3000, 2000, 2000, 2, 'ann@acme.com', 'Ann Lee', 7, 'ann', 7, 'event 1');
INSERT INTO person (number, id, source, state, since_ms, login, agent_id, agent_arn, agent_user_name, agent_since_ms)
  VALUES (2, '00ubob', 'okta', 1, 500, 'bob@acme.com', 'a-bob', 'arn:bob', 'bob', 400);
INSERT INTO person (number, id, source, state, since_ms, login, reason_code, reason, agent_id, agent_arn, agent_user_name)
  VALUES (3, '00ucid', 'okta', 1, 600, 'cid@acme.com', 'left', 'no longer in scope', 'a-cid', 'arn:cid', 'cid');
INSERT INTO person (number, id, source, state, since_ms, login, reason_code, reason, may_adopt)
  VALUES (4, '00udan', 'okta', 2, 700, 'dan@acme.com', 'exists', 'there is one', 1);
INSERT INTO person (number, id, source, state, since_ms, login) VALUES (5, '00ueve', 'okta', 6, 800, 'eve@acme.com');
INSERT INTO person (number, id, source) VALUES (6, '00ufay', 'okta');
INSERT INTO membership VALUES (1, 97, '0oa1', 'Amazon Connect', 1, 7);
INSERT INTO membership VALUES (3, 103, '00g1', 'Agents', 0, 9);
INSERT INTO membership VALUES (6, 117, '', '', 0, 10);
INSERT INTO step VALUES (1, 400, 450, 'okta', '00ubob', 'i-1', 'CreateUser', 'event 0', 'done', 200, '', 'r-1', '');
INSERT INTO call_count VALUES ('CreateUser', 3, 1, 0);
INSERT INTO skip_count VALUES ('other_type', 4);
INSERT INTO pause VALUES ('CreateUser', 'AccessDeniedException', 'no permission', 100, 200);
INSERT INTO kept_body VALUES (1, 50, 3, 'no JSON', X'616263');
INSERT INTO note VALUES ('rules_digest', X'616263');
