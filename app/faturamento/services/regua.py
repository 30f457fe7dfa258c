"""The dunning ladder: reminders before the due date, notices after it, and the label of overdue invoices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, select, text
from sqlalchemy.orm import contains_eager

from app.clientes.models import Cliente
from app.core import auditoria, configuracao, relogio
from app.core.dinheiro import formatar_reais
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import Invoice
from app.faturamento.motor import leitura
from app.faturamento.motor.telefones import telefones_de
from app.faturamento.regras import ultimo_vencimento_em_atraso
from app.faturamento.regras.encargos import valor_atualizado
from app.faturamento.services.avisos import AVISO, SEM_ENVIO
from app.faturamento.services.base import Base
from app.faturamento.services.emissao import dados_da_invoice
from app.notificacoes.consultas import saiu, smtp_configurado
from app.notificacoes.models import TELEFONES, Canal, ModeloMensagem, Notificacao, StatusNotificacao

LEMBRETE, DE_NOVO = "lembrete_vencimento", ":saida"
ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)
LOTE = 2000
_MARCAR = "UPDATE invoice SET status = 'vencida' WHERE status = 'emitida' AND data_vencimento <= :ate AND valor_total > valor_pago + valor_abatido"
_DESMARCAR = "UPDATE invoice SET status = 'emitida' WHERE status = 'vencida' AND data_vencimento > :ate"
_EMITIDA, _VENCIDA = {"status": "emitida"}, {"status": "vencida"}


class Regua(Base):
    """Messages of the ladder. Each step of an invoice is a key used once for ever: repeating a day sends nothing again."""

    def marcar_vencidas(self, *, hoje: dt.date) -> int:
        """Set the label ``vencida`` on what is overdue on ``hoje`` (bulk, by the same rule as consultas.em_atraso). Returns how many.

        The label is taken from what is not overdue any more (a holiday was entered since), never by a run of a day that is over.
        """
        feriados = configuracao.feriados_do_operador()
        ate = ultimo_vencimento_em_atraso(hoje, feriados)
        self.sessao.flush()
        marcadas = auditoria.alterar_em_massa(self.sessao, "invoice", _MARCAR, {"ate": ate}, antes=_EMITIDA, depois=_VENCIDA)
        fora = {"ate": max(ate, ultimo_vencimento_em_atraso(relogio.hoje(), feriados))}
        auditoria.alterar_em_massa(self.sessao, "invoice", _DESMARCAR, fora, antes=_VENCIDA, depois=_EMITIDA)
        self.sessao.expire_all()
        return marcadas

    def enviar_lembrete_pagamento(self, dias_antes: int | None = None, *, hoje: dt.date) -> int:
        """Remind what falls due within ``dias_antes`` days (default: the policy's) and was not reminded. Returns how many messages."""
        dias = self.politica.dias_lembrete if dias_antes is None else dias_antes
        faixa = Invoice.data_vencimento.between(hoje, hoje + dt.timedelta(days=dias))
        return self._avisar_cada(LEMBRETE, faixa, hoje)

    def avisar_vencidas(self, *, hoje: dt.date) -> int:
        """Tell who is overdue, once an invoice, from the policy's day on. It is the notice that a block needs. Returns how many messages.

        Once there is a mail server, what only went to the journal before is told again, this time by mail.
        """
        ate = ultimo_vencimento_em_atraso(hoje, configuracao.feriados_do_operador())
        limite = min(ate, hoje - dt.timedelta(days=self.politica.dias_aviso))
        atrasadas = (Invoice.data_vencimento <= limite) & Invoice.contestada_em.is_(None)
        novas = self._avisar_cada(AVISO, atrasadas, hoje)
        if configuracao.ler(SEM_ENVIO) or not smtp_configurado(self.sessao):
            return novas
        dela = exists().where(Notificacao.invoice_id == Invoice.id, Notificacao.evento == AVISO, Notificacao.status == StatusNotificacao.enviada)
        return novas + self._avisar_por(Canal.email, AVISO, atrasadas & dela & ~dela.where(saiu()), hoje, DE_NOVO)

    def _avisar_cada(self, evento: str, condicao: Any, hoje: dt.date) -> int:
        """By mail, and by WhatsApp and SMS when their texts are switched on: each channel of an invoice is a key of its own."""
        return sum(self._avisar_por(canal, evento, condicao, hoje, vez) for canal, vez in [(Canal.email, ""), *((c, f":{c.name}") for c in TELEFONES)])

    def _avisar_por(self, canal: Canal, evento: str, condicao: Any, hoje: dt.date, vez: str) -> int:
        com_endereco = Cliente.email.is_not(None) if canal is Canal.email else self._com_telefone(evento, canal)
        mesma = "n.chave = :evento || ':' || invoice.id || :vez"
        ja_avisada = text(f"NOT EXISTS (SELECT 1 FROM notificacao n WHERE {mesma})").bindparams(evento=evento, vez=vez)
        consulta = select(Invoice).join(Invoice.cliente).options(contains_eager(Invoice.cliente)).where(
            Invoice.status.in_(ABERTAS), condicao, com_endereco, ja_avisada
        )
        novas, ultimo = 0, 0
        while faturas := self.sessao.scalars(consulta.where(Invoice.id > ultimo).order_by(Invoice.id).limit(LOTE)).all():
            enderecos = self._enderecos(canal, evento, faturas)
            ditas = [f for f in faturas if f.cliente_id in enderecos]
            novas += self.notificacoes.agendar_em_lote(list(self._linhas(canal, evento, ditas, hoje, vez, enderecos)))
            ultimo = faturas[-1].id
        if novas:
            auditoria.registrar(self.sessao, "avisar", "notificacao", None, depois={"evento": evento, "quantidade": novas})
        return novas

    @staticmethod
    def _com_telefone(evento: str, canal: Canal) -> Any:
        """Nobody at all while the text is switched off."""
        ligado = exists().where(ModeloMensagem.evento == evento, ModeloMensagem.canal == canal, ModeloMensagem.ativo)
        return ligado & (Cliente.whatsapp.is_not(None) | Cliente.telefone.is_not(None))

    def _enderecos(self, canal: Canal, evento: str, faturas: Sequence[Invoice]) -> dict[int, str]:
        """customer → where he is told by that channel."""
        if canal is Canal.email:
            return {f.cliente_id: f.cliente.email for f in faturas}
        todos = telefones_de(leitura.cursor(self.sessao), evento, {f.cliente_id for f in faturas})
        return {cliente_id: numero for cliente_id, deles in todos.items() for nome, numero in deles if nome == canal.name}

    def _linhas(self, canal: Canal, evento: str, faturas: Sequence[Invoice], hoje: dt.date, vez: str, enderecos: Mapping[int, str]) -> Iterable[dict[str, Any]]:
        feriados, politica = configuracao.feriados_do_operador(), self.politica
        for f in faturas:
            hoje_deve = valor_atualizado(f, hoje, feriados).total
            dias = abs((hoje - f.data_vencimento).days)
            suspensao = max(f.data_vencimento + dt.timedelta(days=politica.dias_bloqueio), hoje + dt.timedelta(days=politica.dias_apos_aviso))
            yield {
                "chave": f"{evento}:{f.id}{vez}", "evento": evento, "canal": canal, "cliente_id": f.cliente_id, "invoice_id": f.id,
                "destinatario": enderecos[f.cliente_id],
                "anexos": [{"pdf": "invoice", "id": f.id, "nome": f"fatura-{f.numero_formatado}.pdf"}] if canal is Canal.email else [],
                "dados": {
                    "nome": f.cliente.nome, **dados_da_invoice(f), "valor_atualizado": formatar_reais(hoje_deve), "dias": dias,
                    "suspensao": f"{suspensao:%d/%m/%Y}",
                },
            }
