"""Where one signs in and out, and sees to one's own account: a second factor, sessions, a new password."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from firstcall.web.signing.own import profile, token_revoke, tokens
from firstcall.web.signing.views import SignIn, nothing, password_from_link, password_reset

_TO_SIGN_IN = RedirectView.as_view(pattern_name="sign-in", query_string=True)

urlpatterns = [
    path("sign-in", SignIn.as_view(), name="sign-in"),
    path("sign-out", LogoutView.as_view(), name="sign-out"),
    path("admin/login/", _TO_SIGN_IN),  # one door, with the second factor
    path("account/login/", _TO_SIGN_IN),
    path("account/", profile, name="profile"),
    path("account/tokens/", tokens, name="own-tokens"),
    path("account/tokens/<int:id>/revoke", token_revoke, name="own-token-revoke"),
    path("account/email/", nothing),  # addresses are changed by who manages users
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
]
urlpatterns += [
    path("account/password/reset/", password_reset),
    re_path(r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", password_from_link),
    path("account/", include("allauth.account.urls")),
    path("account/social/", include("allauth.socialaccount.urls")),
    path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
]
