"""Configuration by environment. Production refuses to start without its secrets and names the missing ones.

``CRM_AMBIENTE`` chooses: ``producao``, ``desenvolvimento`` (everything embedded, secrets generated once under instance/) or ``teste``. Without it
a platform's process (``DYNO``) is production, and a database on another machine is not opened until somebody says which of the two it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

RAIZ = Path(__file__).resolve().parent
INSTANCIA = Path(os.environ.get("CRM_INSTANCIA", RAIZ / "instance"))
OBRIGATORIAS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "CHAVE_CIFRA", "PUBLIC_URL")


class ConfiguracaoIncompleta(RuntimeError):
    """Production lacks variables; the message names each."""


def url_do_banco(url: str) -> str:
    """A platform's ``postgres://`` URL as SQLAlchemy wants it, with psycopg 3."""
    for esquema in ("postgres://", "postgresql://"):
        if url.startswith(esquema):
            return "postgresql+psycopg://" + url[len(esquema):]
    return url


class Base:
    """What every environment shares: framework switches, limits, locale."""

    FAB_CREATE_DB = False
    FAB_UPDATE_PERMS = False
    FAB_SECURITY_MANAGER_CLASS = "app.usuarios.manager.GerenteSeguranca"
    FAB_INDEX_VIEW = "app.dashboard.views.Painel"
    FAB_BASE_TEMPLATE = "crm/base.html"
    FAB_ADD_SECURITY_PERMISSION_VIEW = False
    FAB_ADD_SECURITY_VIEW_MENU_VIEW = False
    FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW = False
    FAB_ADD_SECURITY_API = False
    FAB_API_KEY_ENABLED = True      # our own keys: the security manager says what one is
    FAB_API_SWAGGER_UI = False
    FAB_API_SHOW_STACKTRACE = False
    FAB_API_MAX_PAGE_SIZE = 100
    FAB_PASSWORD_COMPLEXITY_ENABLED = False
    AUTH_TYPE = 1
    AUTH_ROLE_ADMIN = "Admin"
    AUTH_ROLE_PUBLIC = "Public"
    AUTH_RATE_LIMITED = False
    APP_NAME = "CRM Provedor"
    LANGUAGES = {"pt_BR": {"flag": "br", "name": "Português"}, "en": {"flag": "us", "name": "English"}, "es": {"flag": "es", "name": "Español"}}
    BABEL_DEFAULT_LOCALE = "pt_BR"
    BABEL_DEFAULT_TIMEZONE = "America/Sao_Paulo"
    BABEL_TRANSLATION_DIRECTORIES = str(RAIZ / "translations")
    SQLALCHEMY_TRACK_MODIFICATIONS = False
    PERMANENT_SESSION_LIFETIME = timedelta(days=30)      # of the cookie; the session's row says when it is over
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_NAME = "crm"
    SESSION_REFRESH_EACH_REQUEST = False      # an answer that is late must not bring back the name a session had before
    JWT_ACCESS_TOKEN_EXPIRES = timedelta(minutes=15)
    JWT_REFRESH_TOKEN_EXPIRES = timedelta(days=30)
    MAX_CONTENT_LENGTH = 20 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 5 * 1024 * 1024
    WTF_CSRF_TIME_LIMIT = None
    RATELIMIT_ENABLED = True
    RATELIMIT_IN_MEMORY_FALLBACK_ENABLED = True
    TZ = "America/Sao_Paulo"
    HTTPS = False
    AMBIENTE = "desenvolvimento"
    EFEITOS_EXTERNOS = True
    DEBUG = False

    def __init__(self, ambiente: dict[str, str] | None = None) -> None:
        env = dict(os.environ if ambiente is None else ambiente)
        self.PORT = _numero(env, "PORT", 8080)
        self.PUBLIC_URL = env.get("PUBLIC_URL") or f"http://localhost:{self.PORT}"
        self.SQLALCHEMY_DATABASE_URI, self.REDIS_URL = self._urls(env)
        self.SECRET_KEY = env.get("SECRET_KEY", "")
        self.CHAVE_CIFRA = env.get("CHAVE_CIFRA", "")
        self.CHAVES_LINK = env.get("CHAVES_LINK") or self.SECRET_KEY
        self.SMTP_URL = env.get("SMTP_URL", "")
        self.EMAIL_REMETENTE = env.get("EMAIL_REMETENTE", "")
        self.PDF_RENDERER = env.get("PDF_RENDERER", "auto")
        self.RADIUS_DATABASE_URL = env.get("RADIUS_DATABASE_URL", "")
        self.TRUST_PROXY = env.get("TRUST_PROXY", "") == "1"
        self.TRUSTED_HOSTS = [h.strip() for h in env.get("TRUSTED_HOSTS", "").split(",") if h.strip()] or None
        self.INSTANCIA_ID = env.get("INSTANCIA_ID", "")
        self.RATELIMIT_STORAGE_URI = self.REDIS_URL.replace("unix://", "redis+unix://")
        self.SQLALCHEMY_ENGINE_OPTIONS = {
            "pool_pre_ping": True,
            "pool_size": _numero(env, "DB_POOL", 5),
            "max_overflow": 5,
            "connect_args": {"options": f"-c timezone=UTC -c jit=off {env.get('DB_OPTIONS', '')}".strip(), "connect_timeout": 10},
        }

    def _urls(self, env: dict[str, str]) -> tuple[str, str]:
        """Given URLs, else those of the embedded servers under instance/ (nothing is started here)."""
        banco, redis = env.get("DATABASE_URL", ""), env.get("REDIS_URL", "")
        if not (banco and redis):
            from app.core import embutidos

            banco_embutido, redis_embutido = embutidos.urls(INSTANCIA)
            banco, redis = banco or banco_embutido, redis or redis_embutido
        return url_do_banco(banco), redis


class Desenvolvimento(Base):
    """One machine, everything embedded; secrets generated once under instance/."""

    def __init__(self, ambiente: dict[str, str] | None = None) -> None:
        from app.core.embutidos import segredos

        env = dict(os.environ if ambiente is None else ambiente)
        super().__init__({**segredos.segredos(INSTANCIA), **env})


def _nomes_do_endereco(endereco: str) -> list[str] | None:
    """The host of the public address as browsers send it; None for an IPv6 address, which the check of hosts cannot read."""
    try:
        partes = urlsplit(endereco)
        if partes.scheme in ("http", "https") and partes.hostname:
            return None if ":" in partes.hostname else [partes.hostname.encode("idna").decode()]
    except ValueError:      # brackets that do not close, a name with an empty part
        pass
    raise ConfiguracaoIncompleta("PUBLIC_URL precisa ser um endereço inteiro, como https://crm.meuprovedor.com.br.")


def _numero(env: Mapping[str, str], nome: str, padrao: int) -> int:
    try:
        return int(env.get(nome) or padrao)
    except ValueError as erro:
        raise ConfiguracaoIncompleta(f"{nome} precisa ser um número, e não {env[nome]!r}.") from erro


class Producao(Base):
    """A platform with managed PostgreSQL and Redis behind a TLS proxy."""

    AMBIENTE = "producao"
    HTTPS = True
    SESSION_COOKIE_SECURE = True

    def __init__(self, ambiente: dict[str, str] | None = None) -> None:
        env = dict(os.environ if ambiente is None else ambiente)
        faltam = [nome for nome in OBRIGATORIAS if not env.get(nome)]
        if faltam:
            raise ConfiguracaoIncompleta("Defina antes de iniciar em produção: " + ", ".join(faltam))
        if not env["CHAVE_CIFRA"].strip(" ,"):
            raise ConfiguracaoIncompleta("CHAVE_CIFRA não tem nenhuma chave.")
        if len(env["SECRET_KEY"]) < 32:
            raise ConfiguracaoIncompleta("SECRET_KEY precisa de pelo menos 32 caracteres.")
        super().__init__(env)
        self.HTTPS = self.PUBLIC_URL.startswith("https://")
        self.SESSION_COOKIE_SECURE = self.HTTPS
        self.TRUSTED_HOSTS = self.TRUSTED_HOSTS or _nomes_do_endereco(self.PUBLIC_URL)


class Teste(Base):
    """The test suite: private servers, everything real but the certificate."""

    AMBIENTE = "teste"
    TESTING = True
    RATELIMIT_ENABLED = False


AMBIENTES = {"producao": Producao, "desenvolvimento": Desenvolvimento, "teste": Teste}


def nome_do_ambiente(env: Mapping[str, str]) -> str:
    """``CRM_AMBIENTE``, else what the surroundings say; raises ConfiguracaoIncompleta when generated secrets would meet somebody's real database."""
    if dito := env.get("CRM_AMBIENTE"):
        return dito
    if env.get("DYNO"):
        return "producao"
    maquina = urlsplit(env.get("DATABASE_URL", "")).hostname or ""
    if maquina in ("", "localhost", "::1") or maquina.startswith("127."):
        return "desenvolvimento"
    raise ConfiguracaoIncompleta(f"DATABASE_URL aponta para outra máquina ({maquina}): defina CRM_AMBIENTE=producao, ou desenvolvimento se for isso mesmo.")


def carregar() -> Base:
    """The configuration of this process's environment. Raises ConfiguracaoIncompleta."""
    nome = nome_do_ambiente(os.environ)
    if nome not in AMBIENTES:
        raise ConfiguracaoIncompleta(f"CRM_AMBIENTE={nome} não existe: use {', '.join(AMBIENTES)}.")
    return AMBIENTES[nome]()
