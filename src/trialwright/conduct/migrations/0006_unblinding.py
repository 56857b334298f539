from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('conduct', '0005_late_reasons'),
    ]

    operations = [
        migrations.RenameModel(old_name='ArmSeen', new_name='Unblinding'),
    ]
