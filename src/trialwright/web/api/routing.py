"""The one router: django-ninja knows the methods of an address only within a router."""

from typing import Final

from ninja import Router

router = Router()
# The largest number that a row may have.
MOST: Final = 2**31 - 1
