"""Drivers: what makes an access server agree with the desired state. They get plain data, know no database and run with no transaction open."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _

from app.core.erros import FalhaExterna, ValorInvalido
from app.rede.estados import EstadoAcesso, TipoServidor

_TROCADOS = "controladores_de_rede"


@dataclass(frozen=True)
class Alvo:
    """A contract's access as it must be. ``versao`` names the order."""

    acesso_id: int
    contrato_id: int
    login: str
    grupo: str
    desejado: EstadoAcesso
    versao: int
    senha: str | None = None


@dataclass(frozen=True)
class DadosServidor:
    """A server as plain data; the secret never reaches a log."""

    id: int | None
    nome: str
    tipo: TipoServidor
    ip: str = ""
    usuario: str | None = None
    segredo: str | None = None
    porta_coa: int = 3799

    def __repr__(self) -> str:
        return f"DadosServidor({self.nome})"


class FalhaRede(FalhaExterna):
    """An order was not carried out. Temporary (no answer: tried again soon) or permanent (refused: a person must look)."""

    codigo = "falha_rede"


class ControladorRede(abc.ABC):
    """Makes many contracts agree at once. Every method is idempotent."""

    lote = 500

    def __init__(self, servidor: DadosServidor) -> None:
        self.servidor = servidor

    @abc.abstractmethod
    def aplicar(self, alvos: Sequence[Alvo]) -> Mapping[int, FalhaRede | None]:
        """Converge to each ``desejado`` and ``grupo``; the result by ``acesso_id``, None when it is in place.

        Raises FalhaRede when the server as a whole cannot be reached: nothing is known of any.
        """


class ControladorSimulado(ControladorRede):
    """No equipment: every order is carried out at once. What was done is told by AcessoRede and EventoRede."""

    def aplicar(self, alvos: Sequence[Alvo]) -> Mapping[int, FalhaRede | None]:
        """All in place."""
        return {alvo.acesso_id: None for alvo in alvos}


CONTROLADORES: dict[TipoServidor, type[ControladorRede]] = {TipoServidor.simulado: ControladorSimulado}


def controlador(servidor: DadosServidor) -> ControladorRede:
    """The driver of a server. Raises FalhaRede (permanent) when its kind has none yet."""
    classe = current_app.extensions.get(_TROCADOS, {}).get(servidor.tipo) or CONTROLADORES.get(servidor.tipo)
    if classe is None:
        raise FalhaRede(frase_indisponivel(servidor.tipo), temporaria=False)
    return classe(servidor)


def usar(tipo: TipoServidor, classe: type[ControladorRede]) -> None:
    """Drive a kind of server of this application through ``classe`` instead."""
    current_app.extensions.setdefault(_TROCADOS, {})[tipo] = classe


def exigir_disponivel(tipo: TipoServidor | None) -> None:
    """Raise ValorInvalido for a kind of server that cannot be driven yet."""
    if tipo is not None and tipo not in CONTROLADORES:
        raise ValorInvalido(frase_indisponivel(tipo), campo="tipo", codigo="tipo_indisponivel")


def frase_indisponivel(tipo: TipoServidor) -> str:
    """Why the kind cannot be chosen."""
    return _("%(tipo)s ainda não está disponível nesta versão. Escolha “Simulado”.", tipo=tipo.rotulo)
