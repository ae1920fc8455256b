CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> a

CREATE TABLE t (
    id INTEGER
);

INSERT INTO alembic_version (version_num) VALUES ('a') RETURNING version_num;

