"""What was sent to pages and done, so that what is sent twice is done once."""

from django.db import models


class Sending(models.Model):
    """One sending of one page, in the transaction of what it did. No fact of a trial: it enters no
    ledger, and goes after a day.

    `token` names page and person, `content` what was sent, both as hashes; `outcome` is where it
    led.
    """

    token = models.CharField(max_length=64, primary_key=True)
    content = models.CharField(max_length=64)
    outcome = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.outcome
