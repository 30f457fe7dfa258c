"""What the pages before the entry share: their frame, headers that leave no trace of the link in the address, and links that serve no more."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, make_response, request
from flask_appbuilder import BaseView
from flask_appbuilder.forms import DynamicForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import DataRequired, EqualTo, Length

from app.core import limites
from app.core.limites import Limite

AJUDA = _l("Pelo menos 10 caracteres. Uma frase é melhor que uma palavra.")
_SEM_RASTRO = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}


class DuasSenhas(DynamicForm):
    """A new password, twice."""

    senha = PasswordField(_l("Nova senha"), [DataRequired(_l("Informe a nova senha.")), Length(max=1000)], description=AJUDA)
    repetida = PasswordField(_l("Repita a nova senha"), [EqualTo("senha", message=_l("As senhas não são iguais."))])


class Porta(BaseView):
    """A page for people who have not signed in."""

    base_permissions: list[str] = []

    def na_vez(self, limite: Limite) -> bool:
        """Count an attempt of this address; when it may not be made, the page says with what was typed how long to wait (429)."""
        g.espera = limites.tentar(limite, limites.endereco(request.remote_addr)).espera
        if g.espera:
            flash(_("Tentativas demais deste endereço. Espere %(tempo)s e tente de novo.", tempo=limites.em_minutos(g.espera)), "warning")
        return not g.espera

    def pagina(self, molde: str, titulo: str, codigo: int = 200, **mais: Any) -> Response:
        """The page; the address, which may hold a link's token, goes nowhere."""
        espera = g.get("espera")
        resposta = make_response(self.render_template(molde, title=titulo, **mais), 429 if espera else codigo)
        resposta.headers.update(_SEM_RASTRO | ({"Retry-After": str(espera)} if espera else {}))
        return resposta

    def invalido(self, titulo: str, texto: str, outro: str = "") -> Response:
        """A link that is used, old or of nobody: 404. ``outro`` is where another is asked for."""
        return self.pagina("usuarios/link_invalido.html", titulo, 404, texto=texto, outro=outro)
