"""The story told day by day: customers arrive, are billed, pay or not, are blocked and released, some leave.

Every change goes through the same services as in real life, with the clock moved, and all of it in one transaction: a story that is
interrupted leaves nothing. Only the mail never leaves and no worker is asked: ``bastidores`` plays their part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clientes.models import Cliente, StatusCliente
from app.core import relogio
from app.core.erros import RegraViolada
from app.core.transacao import transacao
from app.demonstracao import assinantes, bastidores, dinheiro, equipe, provedor
from app.demonstracao import comportamento as c
from app.demonstracao.historia import Historia
from app.faturamento.models import Invoice, Pagamento
from app.notificacoes.models import Notificacao

CEDO, MANHA, TARDE, NOITE = dt.time(0, 5), dt.time(9), dt.time(15, 30), dt.time(22)
Avisar = Callable[[str], None]


class BaseOcupada(RegraViolada):
    """The base already has customers: a demonstration would mix with them."""

    codigo = "base_ocupada"


def simular(
    *, clientes: int, meses: int, seed: int, hoje: dt.date, ate: dt.datetime | None = None, avisar: Avisar = lambda _t: None,
) -> dict[str, int]:
    """Fill an empty base with ``clientes`` customers and ``meses`` months of life, ending on ``hoje``. Raises BaseOcupada.

    What the last day would bring after ``ate`` happens at that moment. The same arguments give the same data (passwords of PPPoE excepted). Returns counts.
    """
    historia = Historia(Random(seed), hoje, c.primeiro_dia(hoje, meses), ate or relogio.instante(hoje, TARDE))
    with transacao() as sessao:
        _conferir_vazia(sessao)
        bastidores.abrir_particoes(sessao, historia.inicio, hoje)
        with relogio.mover_para(relogio.instante(historia.inicio, CEDO)):
            provedor.preparar(sessao, historia)
            equipe.contratar(sessao)
        for dia, quantos in c.chegadas(historia.sorteio, clientes, historia.inicio, hoje).items():
            _um_dia(sessao, historia, dia, quantos)
            if dia.day == 1:
                bastidores.medir(sessao)
                avisar(f"{dia:%m/%Y}: {sum(not a.saiu for a in historia.assinantes.values())} assinantes, {historia.ultima_invoice} faturas")
        with relogio.mover_para(historia.instante(hoje, TARDE)):
            equipe.terminar(sessao)
        bastidores.medir(sessao)
        return _contar(sessao)


def _um_dia(sessao: Session, historia: Historia, dia: dt.date, quantos: int) -> None:
    """Billing in the small hours, the office by day, blocking at night: today's night is still to come."""
    with relogio.mover_para(historia.instante(dia, CEDO)):
        dinheiro.faturar(sessao, historia, dia)
    with relogio.mover_para(historia.instante(dia, MANHA)):
        provedor.acontecer(sessao, historia, dia)
        assinantes.chegar(sessao, historia, quantos, dia)
        bastidores.assentar(sessao)
        dinheiro.cobrar(sessao, dia)
        bastidores.entregar(sessao, historia)
    with relogio.mover_para(historia.instante(dia, TARDE)):
        dinheiro.estornar(sessao, historia, dia)
        dinheiro.receber(sessao, historia, dia)
        dinheiro.corrigir(sessao, historia, dia)
        dinheiro.confiar(sessao, historia, dia)
        dinheiro.errar(sessao, historia, dia)
        assinantes.viver(sessao, historia, dia)
    with relogio.mover_para(historia.instante(dia, NOITE)):
        if dia < historia.hoje:
            dinheiro.bloquear(sessao, dia)
        bastidores.assentar(sessao)
        bastidores.entregar(sessao, historia)
        bastidores.dispensar(sessao)


def _conferir_vazia(sessao: Session) -> None:
    if sessao.scalar(select(Cliente.id).limit(1)) is not None:
        raise BaseOcupada("A base já tem clientes. A demonstração só é carregada em uma base vazia.")


def _contar(sessao: Session) -> dict[str, int]:
    tabelas = {"clientes": Cliente, "faturas": Invoice, "pagamentos": Pagamento, "mensagens": Notificacao}
    contagens = {nome: sessao.scalar(select(func.count()).select_from(modelo)) for nome, modelo in tabelas.items()}
    return contagens | {"bloqueados": sessao.scalar(select(func.count()).where(Cliente.status == StatusCliente.bloqueado))}
