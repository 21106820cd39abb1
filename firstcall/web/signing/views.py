"""Signing in with an e-mail address and a password, and out."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.account.views import PasswordResetFromKeyView, PasswordResetView
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext, gettext_lazy

from firstcall.access.models import User
from firstcall.access.signing_in import TooManyFailedError, check_password
from firstcall.moments import now


class SignInForm(AuthenticationForm):
    """Guessing is made slow, as at every door."""

    username = forms.EmailField(
        max_length=320,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {  # noqa: RUF012
        "invalid_login": gettext_lazy("The e-mail address or the password is wrong."),
        "inactive": gettext_lazy("This account is closed."),
    }

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password and self.request is not None:
            try:
                found: User | None = check_password(self.request, email, password, at=now())
            except TooManyFailedError:
                says = gettext("Too many wrong passwords. Wait a quarter of an hour before the next.")
                raise forms.ValidationError(says, code="too-many-failed") from None
            if found is None:
                raise self.get_invalid_login_error()
            self.user_cache = found
        return self.cleaned_data


class SignIn(LoginView):
    template_name = "signing/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """By way of the second factor, where the user has one."""
        user = form.get_user()
        asked = Login(user=user, email_verification="none", redirect_url=self.get_success_url())
        answer: HttpResponse = perform_password_login(self.request, {"email": user.email}, asked)
        return answer

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return super().get_context_data(
            **more,
            providers=settings.CONFIGURATION.openid_connect,
            sends_mail=_sends_mail(),
        )


def nothing(request: HttpRequest) -> HttpResponse:
    """What django-allauth has and the product has not."""
    raise Http404


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """By mail, where there is a mail server."""
    if not _sends_mail():
        raise Http404
    answer: HttpResponseBase = PasswordResetView.as_view()(request)
    return answer


def password_from_link(request: HttpRequest, uidb36: str, key: str) -> HttpResponseBase:
    """A link that is good no longer leads to another where there is a mail server to send it."""
    view = PasswordResetFromKeyView.as_view(extra_context={"sends_mail": _sends_mail()})
    answer: HttpResponseBase = view(request, uidb36=uidb36, key=key)
    return answer


def _sends_mail() -> bool:
    return bool(settings.CONFIGURATION.smtp_url.get_secret_value())
