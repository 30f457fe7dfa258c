"""Errors of the domain: a sentence in Portuguese for the person, a stable code for programs.

Services raise them, entry points (views, API, CLI, jobs) turn them into a message. The tests assert the code, not the sentence.
"""

from __future__ import annotations

from typing import Any


class DominioError(Exception):
    """Something the domain refuses. ``mensagem`` is shown to the person as it is; ``dados`` are ids for the log."""

    codigo = "erro"
    status_http = 400
    temporaria = False      # whether the same may succeed a moment later with nobody's help: only then a job tries again

    def __init__(self, mensagem: str, *, codigo: str | None = None, campo: str | None = None, **dados: Any):
        super().__init__(mensagem)
        self.mensagem = mensagem
        self.codigo = codigo or self.codigo
        self.campo = campo
        self.dados = dados

    def __str__(self) -> str:
        return str(self.mensagem)


class RegraViolada(DominioError):
    """A business rule forbids it (422)."""

    codigo = "regra_violada"
    status_http = 422


class ValorInvalido(DominioError):
    """An input value makes no sense (400); ``campo`` names it when known."""

    codigo = "valor_invalido"


class NaoEncontrado(DominioError):
    """The row does not exist or the person may not see it (404)."""

    codigo = "nao_encontrado"
    status_http = 404


class TransicaoInvalida(DominioError):
    """The state machine refuses the change of state (409)."""

    codigo = "transicao_invalida"
    status_http = 409


class Conflito(DominioError):
    """Somebody changed the row in the meantime, or it exists already (409)."""

    codigo = "conflito"
    status_http = 409
    temporaria = True


class SemPermissao(DominioError):
    """The person may not do it, or not up to this amount (403)."""

    codigo = "sem_permissao"
    status_http = 403


class FalhaExterna(DominioError):
    """An outside system refused or did not answer (502). ``temporaria`` says whether trying again makes sense."""

    codigo = "falha_externa"
    status_http = 502

    def __init__(self, mensagem: str, *, temporaria: bool = True, **kw: Any):
        super().__init__(mensagem, **kw)
        self.temporaria = temporaria
