"""200 mails, 50 blocks and 5 exports wait; Redis loses everything and the workers are killed: all is done in time, as often as promised."""

from __future__ import annotations

from sqlalchemy import func, select

from app.core import relogio
from app.core.models import Arquivo, EstadoTarefa, Pulso, Tarefa
from app.notificacoes.models import Notificacao, StatusNotificacao
from app.rede.estados import EstadoAcesso
from app.rede.models import AcessoRede
from tests.jobs.conftest import CaixaDeEntrada, Provedor

E = EstadoTarefa
ABERTAS = select(func.count()).select_from(Tarefa).where(Tarefa.agenda.is_(None), Tarefa.estado.not_in((E.feita, E.morta)))
ENVIADAS = select(func.count()).select_from(Notificacao).where(Notificacao.status == StatusNotificacao.enviada)
BLOQUEADOS = select(func.count()).select_from(AcessoRede).where(AcessoRede.aplicado == EstadoAcesso.bloqueado)
PROCESSOS = {"clock", "worker_rapida", "worker_longa"}


def abertas(provedor: Provedor) -> int:
    """Tasks not ended yet, beside those of the schedule."""
    return provedor.perguntar(ABERTAS)[0][0]


def tudo_feito(provedor: Provedor) -> bool:
    """Every task ended, every message marked as sent, every access blocked."""
    return abertas(provedor) == 0 and provedor.perguntar(ENVIADAS) == [(200,)] and provedor.perguntar(BLOQUEADOS) == [(50,)]


def esvaziar_e_matar(provedor: Provedor, caixa: CaixaDeEntrada, *, prazo: float) -> None:
    """The story. ``prazo``: seconds from the blow until all must be done."""
    inicio = relogio.agora()
    provedor.mensagens(200)
    provedor.bloqueios(50)
    for n in range(5):
        provedor.agendar("teste_exportacao", n=n, fila="longa")
    provedor.iniciar("rapida", "longa", "relogio")
    assert provedor.esperar(lambda: len(caixa.recebidas) >= 20, 60), "the worker did not begin"
    provedor.redis_vazio()
    provedor.matar("rapida")
    provedor.matar("longa")
    assert provedor.esperar(lambda: tudo_feito(provedor), prazo), "not all was done"

    assert len(caixa.recebidas) == 200
    assert sum(caixa.recebidas.values()) <= 201      # once more only for the one between the server's answer and our mark
    assert sorted(provedor.perguntar(select(Arquivo.nome))) == [(f"exportacao-{n}.csv",) for n in range(5)]
    assert {p for p, em in provedor.perguntar(select(Pulso.processo, Pulso.em)) if em > inicio} == PROCESSOS
