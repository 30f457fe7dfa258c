"""What the screens and the API of messages share."""

from __future__ import annotations

from typing import Any

from flask import Response, g
from flask_appbuilder.models.filters import BaseFilter
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists

from app.core.permissoes import e_admin
from app.notificacoes.models import EnvioMensagem, Notificacao
from app.notificacoes.regras import EVENTOS

GRUPO = {"category": "Mensagens", "category_icon": "mail", "category_label": _l("Mensagens")}
_POLITICA = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


class SoDeClientes(BaseFilter):
    """Row rule: messages to customers. Those to people of the house (alerts, later recovery links) are theirs and the administrators'."""

    name = "so_de_clientes"
    arg_name = None

    def apply(self, query: Any, value: Any) -> Any:
        """Administrators see all."""
        if e_admin(g.user):
            return query
        return query.filter(Notificacao.usuario_id.is_(None))


class TentativasDeClientes(SoDeClientes):
    """The same of their attempts."""

    def apply(self, query: Any, value: Any) -> Any:
        """Administrators see all."""
        if e_admin(g.user):
            return query
        return query.filter(exists().where(Notificacao.id == EnvioMensagem.notificacao_id, Notificacao.usuario_id.is_(None)))


REGRA_DE_LINHA = [["usuario_id", SoDeClientes, None]]


def rotulo_do_evento(evento: str) -> str:
    """The kind of message in Portuguese."""
    declarado = EVENTOS.get(evento)
    return _(declarado.rotulo) if declarado else evento


def pagina_isolada(html: str) -> Response:
    """A message's own HTML, to be shown in a frame of ours: no script, no request, no form."""
    resposta = Response(html, mimetype="text/html")
    resposta.headers["Content-Security-Policy"] = _POLITICA
    resposta.headers["X-Frame-Options"] = "SAMEORIGIN"
    return resposta
