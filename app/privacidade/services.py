"""Requests of data subjects: registering, answering, and the end of the copy of his data. Anonymising has a service of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes.services import travar_cliente
from app.core import arquivos, eventos, numeracao, relogio, tarefas
from app.core.ator import ator_id
from app.core.erros import NaoEncontrado, RegraViolada, ValorInvalido
from app.core.tipos import N_
from app.privacidade.estados import ABERTOS, EtapaRecibo, SituacaoPedido, TipoPedido
from app.privacidade.models import PedidoTitular, ReciboTitular
from app.privacidade.regras import PRAZO_RESPOSTA, VALIDADE_ARQUIVO

EXPORTAR, ANONIMIZAR = "exportar_dados_pessoais", "anonimizar_titular"
TEXTO_MAXIMO = 2000
_S = SituacaoPedido
eventos.declarar("pedido_titular", N_("Pedido {protocolo}: {tipo}"), "shield-lock")


class PedidoService:
    """Verbs of requests."""

    def __init__(self, sessao: Session) -> None:
        self.sessao = sessao

    def registrar(self, cliente_id: int, tipo: TipoPedido, *, motivo: str = "") -> PedidoTitular:
        """Write a request down, with its protocol and its 15 days; a copy of the data begins to be made at once.

        While one of the same kind is open, that one is returned. Raises NaoEncontrado.
        """
        travar_cliente(self.sessao, cliente_id)
        aberto = select(PedidoTitular).where(PedidoTitular.cliente_id == cliente_id, PedidoTitular.tipo == tipo, PedidoTitular.situacao.in_(ABERTOS))
        if (existente := self.sessao.scalar(aberto)) is not None:
            return existente
        agora, hoje = relogio.agora(), relogio.hoje()
        pedido = PedidoTitular(
            protocolo=f"LGPD-{hoje.year}-{numeracao.proximo(self.sessao, f'lgpd:{hoje.year}'):05d}", cliente_id=cliente_id, tipo=tipo,
            situacao=_S.aberto, pedido_em=agora, prazo=hoje + PRAZO_RESPOSTA, motivo=motivo.replace("\0", "").strip()[:TEXTO_MAXIMO],
        )
        self.sessao.add(pedido)
        self.sessao.flush()
        eventos.registrar(self.sessao, "pedido_titular", cliente_id=cliente_id, protocolo=pedido.protocolo, tipo=str(tipo.rotulo), pedido_id=pedido.id)
        if tipo is TipoPedido.exportacao:
            self.comecar(pedido, EXPORTAR)
        return pedido

    def comecar(self, pedido: PedidoTitular, tarefa: str) -> None:
        """Its work is a task from now on."""
        pedido.situacao = _S.em_andamento
        pedido.tarefa_id = tarefas.agendar(self.sessao, tarefa, fila="longa", prioridade=4, pedido_id=pedido.id)
        self.sessao.flush()

    def travar(self, pedido_id: int) -> PedidoTitular:
        """The request and its customer, locked in that order of the house: customer first. Raises NaoEncontrado."""
        cliente_id = self.sessao.scalar(select(PedidoTitular.cliente_id).where(PedidoTitular.id == pedido_id))
        if cliente_id is None:
            raise NaoEncontrado(_("Pedido não encontrado."), pedido_id=pedido_id)
        travar_cliente(self.sessao, cliente_id)
        return self.sessao.get_one(PedidoTitular, pedido_id, with_for_update={"key_share": True}, populate_existing=True)

    def responder(self, pedido_id: int, resposta: str, *, aceito: bool) -> PedidoTitular:
        """Close a request by the answer a person gave. Raises ValorInvalido without one, TransicaoInvalida when it is closed or a task is at it."""
        limpa = resposta.replace("\0", "").strip()[:TEXTO_MAXIMO]
        if not limpa:
            raise ValorInvalido(_("Escreva a resposta dada ao cliente."), campo="resposta")
        pedido = self.travar(pedido_id)
        if aceito and pedido.tipo in (TipoPedido.exportacao, TipoPedido.anonimizacao):
            raise RegraViolada(_("Este pedido se conclui pelo trabalho que ele pede, e não por uma resposta."))
        pedido.situacao = _S.concluido if aceito else _S.recusado
        pedido.resposta, pedido.feito_em = limpa, relogio.agora()
        self.sessao.flush()
        return pedido

    def entregar(self, pedido_id: int, pedacos: Iterable[bytes], contagens: Mapping[str, int]) -> PedidoTitular:
        """Keep the file for 7 days, write the receipt and close the request; one that is closed already stays as it is."""
        pedido = self.travar(pedido_id)
        if pedido.situacao is not _S.em_andamento:
            return pedido
        agora = relogio.agora()
        arquivo = arquivos.guardar(
            self.sessao, f"dados-{pedido.protocolo}.zip", "application/zip", pedacos, dono=("pedido_titular", pedido.id), expira_em=agora + VALIDADE_ARQUIVO)
        pedido.arquivo_id, pedido.situacao, pedido.feito_em = arquivo.id, _S.concluido, agora
        self.recibo(pedido, EtapaRecibo.exportacao, em=agora, contagens=contagens, sha256=arquivo.sha256)
        return pedido

    def recibo(
        self, pedido: PedidoTitular, etapa: EtapaRecibo, *, em: dt.datetime, contagens: Mapping[str, int], sha256: str | None = None,
        retido: Sequence[Mapping[str, str]] = (),
    ) -> ReciboTitular:
        """What was done, for ever."""
        recibo = ReciboTitular(
            pedido_id=pedido.id, etapa=etapa, em=em, usuario_id=ator_id(), sha256=sha256, contagens=dict(contagens), retido=[dict(r) for r in retido])
        self.sessao.add(recibo)
        self.sessao.flush()
        return recibo
