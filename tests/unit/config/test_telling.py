"""The settings of the mail server and the second witness are checked when the program starts."""

import pytest

from trialwright.config.home import SetupError
from trialwright.config.telling import mail, witness


@pytest.mark.parametrize(
    "value",
    [
        "mailto:one@example.org",
        "mailto:one@example.org,one@example.org",
        "mailto:one@example.org,two",
        "http://witness.example.org/heads",
    ],
)
def test_a_witness_that_would_be_none_is_refused(value: str) -> None:
    with pytest.raises(SetupError, match="TRIALWRIGHT_WITNESS is"):
        witness(value)


@pytest.mark.parametrize(
    "value",
    ["", "/mnt/witness", "https://witness.example.org/heads", "http://127.0.0.1:80/heads"],
)
def test_other_witnesses_are_taken_as_they_are_named(value: str) -> None:
    assert witness(value) == value


def test_a_mail_server_is_reached_over_tls_unless_it_is_this_machine() -> None:
    said = mail("smtp://a%40b:p%2Fq@mail.example.org")
    assert (said["EMAIL_HOST_USER"], said["EMAIL_HOST_PASSWORD"]) == ("a@b", "p/q")
    assert (said["EMAIL_USE_TLS"], said["EMAIL_USE_SSL"], said["EMAIL_PORT"]) == (True, False, 587)
    assert mail("smtp://localhost:25")["EMAIL_USE_TLS"] is False
    assert mail("/var/mails")["EMAIL_FILE_PATH"] == "/var/mails"
    with pytest.raises(SetupError, match="names no mail server"):
        mail("smtp://")
