"""The addresses of one's own account."""

from django.urls import path

from trialwright.web.account import (
    factors,
    overview,
    password,
    searches,
    second_step,
    sessions,
    tokens,
)

urlpatterns = [
    path("account", overview.account_page),
    path("account/password", password.password_page),
    path("account/tokens", tokens.tokens_page),
    path("account/searches", searches.searches_page),
    path("account/sessions", sessions.sessions_page),
    path("account/second-factor", factors.factors_page),
    path("account/second-factor/authenticator", factors.authenticator_page),
    path("account/second-factor/passkey", factors.passkey_page),
    path("sign-in/second", second_step.second_step_page),
]
