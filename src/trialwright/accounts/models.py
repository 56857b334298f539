"""People, sites, and who holds which role where. Studies are named by their plain identifier."""

import uuid
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from trialwright.ledger import sources


class DrawnField(models.UUIDField):
    """The name of a row, drawn when the row is made; in the database a plain UUID."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "default": uuid.uuid4})

    def get_default(self) -> uuid.UUID:
        """A new name, by the sources of the moment."""
        return sources.new_id()

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """A plain column to the migrations, which don't draw."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.UUIDField", args, options


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(username=username)


class Person(AbstractBaseUser):
    """Someone who signs in. The id is what ledgers keep; the name can change."""

    id = DrawnField(primary_key=True, editable=False)
    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name

    def check_password(self, raw_password: str) -> bool:
        """Whether it is the password. Its hash is never renewed in passing: the ledger has it."""
        return check_password(raw_password, self.password)


class SiteStatus(StrEnum):
    """Where a site stands: only an open one takes new participants."""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Site(models.Model):
    """A place where participants of one study are seen; its code begins their codes.

    `time_zone` is a name of the IANA database, empty for that of the installation.
    """

    study = models.CharField(max_length=64)
    code = models.CharField(max_length=8)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, blank=True)
    languages = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=8, default=SiteStatus.OPEN.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="site_code_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in SiteStatus]),
                name="site_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Membership(models.Model):
    """One role of one person in one study, at one site or (site empty) at all of them.

    With an empty study it is a role in the installation. `until` is its last day, by the calendar
    of its site.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    study = models.CharField(max_length=64)
    role = models.CharField(max_length=40)
    site = models.CharField(max_length=8, blank=True)
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "study", "role", "site"], name="membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} as {self.role} in {self.study}"


class Invitation(models.Model):
    """A one-time link with which somebody who was invited sets their password."""

    id = DrawnField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    void_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(used_at=None, void_at=None),
                name="one_open_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.id}"


class Delegation(models.Model):
    """One line of a site's delegation log: what a person does there, from which day to which.

    It counts once both have signed: the investigator who delegates, and the person. `begins` and
    `ends` are days of the site's own calendar; `ends` is the last.
    """

    id = DrawnField(primary_key=True, editable=False)
    study = models.CharField(max_length=64)
    site = models.CharField(max_length=8)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="delegations")
    role = models.CharField(max_length=40)
    begins = models.DateField()
    ends = models.DateField(null=True)
    delegated_at = models.DateTimeField()
    delegated_by = models.UUIDField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends=None) | models.Q(ends__gte=models.F("begins")),
                name="delegation_days_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.site} of {self.study}"


class SignInTries(models.Model):
    """How often a name and password, or a code, were refused; of no person where nobody is so
    called. In no ledger: it is forgotten when the person comes in.
    """

    key = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="tries")
    # Those of the present burst, and those since the person came in.
    count = models.PositiveIntegerField(default=0)
    since = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.count} refusals"


class SearchAlert(models.Model):
    """A search of registered trials of which a person is sent what is new, by mail once a day.

    `search` is its address without the place, `told_until` when the last trial came that the person
    knows of, empty while none has. In no ledger: it is about public records alone.
    """

    id = DrawnField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="search_alerts")
    search = models.CharField(max_length=4000)
    made_at = models.DateTimeField()
    looked_at = models.DateTimeField(db_index=True)
    told_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "search"], name="search_alert_once")
        ]

    def __str__(self) -> str:
        return f"alert {self.id}"


class SecondFactor(models.Model):
    """An authenticator, a passkey or one recovery code of a person; what is secret is sealed.

    `last_step` keeps a code from being used twice: the half minute of an authenticator's last one,
    or how often a passkey has signed.
    """

    id = DrawnField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="factors")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=80, blank=True)
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    used_up_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["authenticator", "passkey", "recovery"]),
                name="second_factor_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class ApiToken(models.Model):
    """A personal token for a program: what it may do, in which study (empty: all), until when."""

    id = DrawnField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80, blank=True)
    scope = models.CharField(max_length=8)
    study = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=["read", "write"]), name="api_token_scope"
            )
        ]

    def __str__(self) -> str:
        return f"token {self.id}"
