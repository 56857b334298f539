from django.db import migrations, models


class Migration(migrations.Migration):
    """The index by record begins with the record: see the model."""

    dependencies = [("ledger", "0002_append_only")]
    operations = [
        migrations.RemoveIndex("ledgerrow", "ledger_row_by_record"),
        migrations.AddIndex(
            "ledgerrow",
            models.Index(
                fields=["entity", "id", "field", "study", "chain", "seq"],
                name="ledger_row_by_record",
            ),
        ),
    ]
