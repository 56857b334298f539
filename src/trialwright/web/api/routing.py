"""The one router: django-ninja knows the methods of an address only within a router."""

from ninja import Router

router = Router()
