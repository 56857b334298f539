"""The demonstration's bookmark leaves the program's tables for a schema of its own."""

from django.db import migrations

# Only an installation that holds a demonstration keeps a bookmark.
MOVE = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM conduct_building) THEN
        CREATE SCHEMA IF NOT EXISTS demonstration;
        CREATE TABLE demonstration.bookmark (
            study text PRIMARY KEY,
            participants integer NOT NULL,
            until timestamptz NOT NULL,
            done integer NOT NULL,
            finished boolean NOT NULL
        );
        INSERT INTO demonstration.bookmark
            SELECT study_id, participants, until, done, finished FROM conduct_building;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("conduct", "0009_deviations")]

    operations = [
        migrations.RunSQL(MOVE, migrations.RunSQL.noop, elidable=True),
        migrations.DeleteModel("Building"),
    ]
