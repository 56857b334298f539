"""What programs send, read as the pages read what people type: without NUL, which nobody types and
no column of text holds."""

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser


class PlainParser(Parser):
    """JSON and the parameters of an address, each string without NUL."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as JSON; an error of `json` where it is none."""
        return _plain(super().parse_body(request))

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> Any:
        """The parameters, as lists where several of a name are asked for."""
        return _plain(super().parse_querydict(data, list_fields, request))


def _plain(sent: Any) -> Any:
    if isinstance(sent, str):
        return sent.replace("\0", "")
    if isinstance(sent, list):
        return [_plain(each) for each in sent]
    if isinstance(sent, dict):
        return {_plain(key): _plain(value) for key, value in sent.items()}
    return sent
