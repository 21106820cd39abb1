"""Django's settings. What is the administrator's to choose is in `configuration`."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils.csp import CSP
from psycopg.conninfo import conninfo_to_dict

from firstcall import schedule
from firstcall.configuration import configuration
from firstcall.logs import logging_for
from firstcall.secret_key import find_secret_key

CONFIGURATION = configuration()

# The commands that serve make a key that lasts before they begin; without one, what is signed ends with the process.
SECRET_KEY = find_secret_key(CONFIGURATION) or secrets.token_urlsafe(50)
DEBUG = False
ALLOWED_HOSTS = CONFIGURATION.hosts

_https = CONFIGURATION.public_url.startswith("https://")
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.public_url] if CONFIGURATION.public_url else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIGURATION.behind_proxy else None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_cotton",
    "ninja",
    "procrastinate.contrib.django",
    "firstcall.counts",
    "firstcall.jobs",
    "firstcall.access",
    "firstcall.records",
    "firstcall.touchpoints",
    "firstcall.columns",
    "firstcall.scorekeeping",
    "firstcall.insights",
    "firstcall.followups",
    "firstcall.saved_views",
    "firstcall.web",
    "allauth",  # after the pages, whose templates go before its own
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "firstcall.monitoring.requests.watch_requests",
    "firstcall.monitoring.proxies.know_caller",
    "django.middleware.security.SecurityMiddleware",
    "firstcall.api.tracking.answer_trackers",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "firstcall.api.methods.tell_methods",
    "firstcall.api.idempotency.keep_answers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "firstcall.web.localizing.localize",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "firstcall.web.localizing.speak",
    "firstcall.access.auditing.writing.forget_who",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "builtins": ["django_cotton.templatetags.cotton", "firstcall.web.templatetags.pictures"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "firstcall.web.frame.frame",
            ],
        },
    }
]
LOGGING = logging_for(CONFIGURATION)
ROOT_URLCONF = "firstcall.urls"
WSGI_APPLICATION = "firstcall.wsgi.application"
# Answers to browsers hold no script or style of others, and none in the page itself. The API's documentation alone may
# set styles: `api.describing`.
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "object-src": [CSP.NONE],
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes of a request that is read as one; larger ones are refused
# The card of a group has some dozen fields a member; by Django's 1,000 a long one could be seen and not be sent.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# Whitenoise finds the static files where the packages keep them; there is nothing to collect.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/web/.+-\w{8,10}\.\w+$"  # named by their content: kept for years
WHITENOISE_ALLOW_ALL_ORIGINS = False
ACCOUNT_ADAPTER = "firstcall.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are given by who manages users
ACCOUNT_LOGOUT_REDIRECT_URL = "sign-in"
ACCOUNT_USER_DISPLAY = str
MFA_ADAPTER = "firstcall.access.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Firstcall"
# Of a user whom the provider knows by a confirmed address, no other proof is asked.
SOCIALACCOUNT_ADAPTER = "firstcall.access.adapters.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that leads to another host is stopped by the content policy
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": provider.id,
                "name": provider.name,
                "client_id": provider.client_id,
                "secret": provider.client_secret.get_secret_value(),
                "settings": {"server_url": provider.server},
            }
            for provider in CONFIGURATION.openid_connect
        ],
    }
}
USERSESSIONS_TRACK_ACTIVITY = False

# How often somebody tried, and which codes have been used: of all web processes together, so in the database. Nothing else
# is kept there, and nothing on a path that is walked often.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "access_tries",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

_mail = urlsplit(CONFIGURATION.smtp_url.get_secret_value())
MAILERS: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _mail.hostname,
            "port": _mail.port,
            "username": unquote(_mail.username or ""),
            "password": unquote(_mail.password or ""),
            "use_ssl": _mail.scheme == "smtps",
            "use_tls": bool(_mail.username) and _mail.scheme != "smtps",
            "timeout": 20,
        },
    }
    if _mail.hostname
    else {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
}
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIGURATION.mail_from

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
CSRF_FAILURE_VIEW = "firstcall.web.faults.stale"
AUTH_USER_MODEL = "access.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

_dsn: dict[str, Any] = conninfo_to_dict(CONFIGURATION.database_url.get_secret_value())
DATABASES = {
    "default": {
        "ENGINE": "firstcall.connecting",
        "NAME": _dsn.pop("dbname", "firstcall"),
        "USER": _dsn.pop("user", ""),
        "PASSWORD": _dsn.pop("password", ""),
        "HOST": _dsn.pop("host", ""),
        "PORT": _dsn.pop("port", ""),
        # A thread keeps its connection; one that has died since is noticed and replaced.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **_dsn},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rooms keep the functions of their jobs in `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SCHEDULE = schedule.SCHEDULE

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
