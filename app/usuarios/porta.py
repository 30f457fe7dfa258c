"""What the pages before the entry share: their frame, headers that leave no trace of the link in the address, and links that serve no more."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response
from flask_appbuilder import BaseView
from flask_appbuilder.forms import DynamicForm
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import DataRequired, EqualTo, Length

AJUDA = _l("Pelo menos 10 caracteres. Uma frase é melhor que uma palavra.")
_SEM_RASTRO = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}


class DuasSenhas(DynamicForm):
    """A new password, twice."""

    senha = PasswordField(_l("Nova senha"), [DataRequired(_l("Informe a nova senha.")), Length(max=1000)], description=AJUDA)
    repetida = PasswordField(_l("Repita a nova senha"), [EqualTo("senha", message=_l("As senhas não são iguais."))])


class Porta(BaseView):
    """A page for people who have not signed in."""

    base_permissions: list[str] = []

    def pagina(self, molde: str, titulo: str, codigo: int = 200, **mais: Any) -> Response:
        """The page; the address, which may hold a link's token, goes nowhere."""
        resposta = make_response(self.render_template(molde, title=titulo, **mais), codigo)
        resposta.headers.update(_SEM_RASTRO)
        return resposta

    def invalido(self, titulo: str, texto: str, outro: str = "") -> Response:
        """A link that is used, old or of nobody: 404. ``outro`` is where another is asked for."""
        return self.pagina("usuarios/link_invalido.html", titulo, 404, texto=texto, outro=outro)
