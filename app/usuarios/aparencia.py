"""How the screens look to whoever looks: theme, shortcuts, photo. Plain values of the session's own query, so that even the page of an error has them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request
from markupsafe import Markup

from app.usuarios.models import Perfil

TEMAS = ("sistema", "claro", "escuro")
BISCOITO = "tema"      # what this browser chose, for pages without a profile: the entry and the portal
AGORA = "tema_agora"      # for seconds after the button: the next page may be asked for before the profile knows


@dataclass(frozen=True)
class Aparencia:
    """Of somebody signed in. ``foto_id``: the file of the photo."""

    tema: str = TEMAS[0]
    atalhos: bool = True
    foto_id: int | None = None

    @classmethod
    def de(cls, perfil: Perfil | None) -> Aparencia:
        """As the profile says; without one, as it would begin."""
        return cls(perfil.tema, perfil.atalhos, perfil.foto_id) if perfil is not None else cls()


def atual() -> Aparencia:
    """Of the present request."""
    return g.get("aparencia") or Aparencia()


def tema() -> str:
    """One of ``TEMAS``: the profile's on the staff's pages, else what this browser chose."""
    escolhido = g.get("aparencia")
    no_perfil = escolhido.tema if escolhido is not None and not request.path.startswith("/portal") else ""
    ditos = (request.cookies.get(AGORA), no_perfil, request.cookies.get(BISCOITO))
    return next((dito for dito in ditos if dito in TEMAS), TEMAS[0])


def atributos_de_tema() -> Markup:
    """Attributes of the ``html`` element: right from the first byte, but for who follows the system, which ``tema.js`` asks before the first paint."""
    escolhido = tema()
    return Markup('data-bs-theme="{}" data-tema-escolhido="{}"').format("dark" if escolhido == "escuro" else "light", escolhido)


def init_app(app: Flask) -> None:
    """Give the templates ``aparencia()`` and ``atributos_de_tema()``."""
    app.jinja_env.globals.update(aparencia=atual, atributos_de_tema=atributos_de_tema)
