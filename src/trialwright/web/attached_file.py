"""The bytes of an attachment as an answer that no browser runs."""

from django.http import HttpResponse

from trialwright.conduct.models.attachments import FileKind
from trialwright.conduct.reads.attachments import FileRead

_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
}


def file_response(file: FileRead, *, save: bool) -> HttpResponse:
    """The file as nothing but what it is; a document, and what is asked for, to be saved."""
    response = HttpResponse(file.content, content_type=_TYPES[file.kind])
    kept = "attachment" if save or file.kind is FileKind.PDF else "inline"
    response["Content-Disposition"] = f'{kept}; filename="{file.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
