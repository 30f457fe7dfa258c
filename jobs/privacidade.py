"""Requests of data subjects: the copy of the data, and the first stage of an anonymisation. The later stages are ``aplicar_retencao``'s."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import relogio
from app.core.execucao import Execucao, longa, tarefa
from app.core.exportacao import em_pedacos
from app.core.models import Empresa
from app.privacidade import exportacao
from app.privacidade.anonimizacao import AnonimizacaoService
from app.privacidade.models import PedidoTitular
from app.privacidade.services import ANONIMIZAR, EXPORTAR, PedidoService


@longa(EXPORTAR, recomeca=True)
def exportar_dados_pessoais(execucao: Execucao, *, pedido_id: int) -> None:
    """Read table by table, pack, and keep file, receipt and end of the request in the transaction that marks the task done."""
    with execucao.transacao() as sessao:
        pedido = sessao.get_one(PedidoTitular, pedido_id)
        protocolo, cliente_id = pedido.protocolo, pedido.cliente_id
        provedor = str(sessao.scalar(select(Empresa).order_by(Empresa.id).limit(1)) or "")
    nomes, lidas = exportacao.partes(), []
    for nome in nomes:
        with execucao.transacao() as sessao:
            lidas.append(exportacao.ler(sessao, nome, cliente_id))
            execucao.avancar(total=len(nomes))
    contagens = {p.nome: len(p.linhas) for p in lidas if p.linhas}
    pacote = exportacao.empacotar(lidas, protocolo=protocolo, provedor=provedor, em=relogio.agora())
    with execucao.concluir() as sessao:
        PedidoService(sessao).entregar(pedido_id, em_pedacos(pacote), contagens)


@tarefa(ANONIMIZAR)
def anonimizar_titular(sessao: Session, *, pedido_id: int, hoje: dt.date) -> None:
    """What no law keeps goes; one transaction."""
    AnonimizacaoService(sessao).avancar(pedido_id, hoje=hoje)
