"""People, sites, and who holds which role where. Studies are named by their plain identifier."""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from trialwright.accounts.roles import PEOPLE


class PersonManager(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(username=username)


class Person(AbstractBaseUser):
    """Someone who signs in. Her id is what ledgers keep; her name can change."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place where participants of one study are seen; its code begins their codes."""

    study = models.CharField(max_length=64)
    code = models.CharField(max_length=8)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "code"], name="site_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name_en}"


class Membership(models.Model):
    """One role of one person in one study, at one site or (site empty) at all of them."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    study = models.CharField(max_length=64)
    role = models.CharField(max_length=32, choices=[(role.value, role.value) for role in PEOPLE])
    site = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "study", "role", "site"], name="membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} as {self.role} in {self.study}"
