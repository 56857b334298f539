"""The functions that signing uses and a clock that can be corrected: plain SQL beside this."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_heads_lines")]
    operations = [migrations.RunSQL(SQL)]
