-- One row per durable execution of a workflow.
CREATE TABLE run (
    id          TEXT PRIMARY KEY,
    workflow    TEXT NOT NULL,              -- name or path as the operator gave it
    input       TEXT NOT NULL,              -- JSON, secrets never enter
    site        TEXT,                       -- the site directory, absolute
    status      TEXT NOT NULL,              -- running interrupted failed unwinding undone done
    script_hash TEXT NOT NULL,
    owner       TEXT NOT NULL DEFAULT '',   -- pid and host of the last process that drove it
    error       TEXT,                       -- JSON of the fault that ended it
    result      TEXT,                       -- JSON of what the workflow returned
    created     TEXT NOT NULL,
    updated     TEXT NOT NULL
);

-- One row per step: written before the effect (started) and after it (done, failed).
CREATE TABLE step (
    run     TEXT NOT NULL REFERENCES run (id),
    key     TEXT NOT NULL,                  -- the name path: server[web-1]/ports
    state   TEXT NOT NULL,                  -- started done failed undone
    attempt INTEGER NOT NULL,
    digest  TEXT,                           -- of the step's declared input
    out     TEXT,                           -- JSON
    error   TEXT,                           -- JSON
    seq     INTEGER NOT NULL,               -- order of the last change, so that undo goes backwards
    started TEXT NOT NULL,
    ended   TEXT,
    PRIMARY KEY (run, key)
) WITHOUT ROWID;

CREATE INDEX step_by_seq ON step (run, seq);

-- What became of each object: the id map, the final table, the audit.
CREATE TABLE resource (
    run          TEXT NOT NULL REFERENCES run (id),
    key          TEXT NOT NULL,             -- kind and source id
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    source_cloud TEXT NOT NULL,
    source_id    TEXT NOT NULL,
    target_cloud TEXT NOT NULL,
    target_id    TEXT,
    state        TEXT NOT NULL,             -- done adopted skipped failed undone
    reason       TEXT,
    updated      TEXT NOT NULL,
    PRIMARY KEY (run, key)
) WITHOUT ROWID;

CREATE INDEX resource_by_kind ON resource (kind, source_id);

-- What was worth telling while it ran.
CREATE TABLE event (
    run   TEXT NOT NULL REFERENCES run (id),
    at    TEXT NOT NULL,
    level TEXT NOT NULL,
    path  TEXT NOT NULL,
    text  TEXT NOT NULL
);

CREATE INDEX event_by_run ON event (run);
