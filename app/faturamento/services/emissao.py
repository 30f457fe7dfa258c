"""Invoices one at a time: by hand, cancelled with a reason, issued again, sent again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from app.clientes.models import Cliente
from app.clientes.services import travar_cliente
from app.core import configuracao, eventos, relogio
from app.core.ator import ator_id
from app.core.datas import UM_ANO
from app.core.dinheiro import ZERO, formatar_reais
from app.core.erros import Conflito, RegraViolada, TransicaoInvalida, ValorInvalido
from app.core.textos import em_branco
from app.faturamento import regras
from app.faturamento.estados import SituacaoItem, StatusInvoice, StatusLancamento, StatusPagamento, TipoItem
from app.faturamento.models import CicloFaturamento, Credito, Invoice, ItemInvoice, Lancamento, Pagamento
from app.faturamento.motor import escrita, leitura, mensagens
from app.faturamento.motor.emitente import Emitentes, ler_politica
from app.faturamento.motor.lote import emitir_juntas
from app.faturamento.services.devido import LinhasDevidas
from app.faturamento.services.pagamentos import exigir_motivo, quantia
from app.notificacoes.models import Canal, Notificacao, StatusNotificacao
from app.usuarios.limites_papel import Tipo, exigir_limite

NEGATIVOS = (TipoItem.desconto, TipoItem.credito)


class ItemManual(NamedTuple):
    """A line of an invoice made by hand: ``quantidade`` × ``valor_unitario`` reais."""

    descricao: str
    valor_unitario: Decimal
    quantidade: int = 1
    tipo: TipoItem = TipoItem.servico
    contrato_id: int | None = None


class Emissao(LinhasDevidas):
    """Issuing, cancelling and issuing again."""

    def gerar_invoice(
        self, cliente_id: int, itens: Iterable[ItemManual | Mapping[str, Any]], *, vencimento: dt.date, em: dt.date, observacoes: str | None = None
    ) -> Invoice:
        """An invoice by hand with the given lines (ItemManual or mappings of its fields); a discount's value is negative.

        It uses no one-off charges and no credit. Raises ValorInvalido without lines or with a due date before ``em`` or years ahead, RegraViolada for a
        total that is not above zero or too large, or without a company to issue it.
        """
        self.exigir_emissao(em)
        cliente = travar_cliente(self.sessao, cliente_id)
        linhas = [_linha(i if isinstance(i, ItemManual) else ItemManual(**i)) for i in itens]
        if not linhas:
            raise ValorInvalido(_("Informe os itens da fatura."), campo="itens")
        if vencimento < em:
            raise ValorInvalido(_("O vencimento não pode ser antes de hoje."), campo="vencimento")
        relogio.exigir_dia(vencimento, UM_ANO, campo="vencimento")
        fatura = regras.fechar(linhas)
        if not fatura.total:
            raise RegraViolada(_("A fatura não tem valor a cobrar."), codigo="sem_valor")
        dado = -sum(linha.valor_total for linha in linhas if linha.valor_total < ZERO)
        exigir_limite(self.sessao, Tipo.desconto, dado, cliente_id=cliente.id, campo="itens")
        c = leitura.cursor(self.sessao)
        endereco = dict(c.execute(leitura.ENDERECOS, [leitura.vetor([cliente.id])]).fetchall()).get(cliente.id, "")
        empresa_id, copia_id = Emitentes(self.sessao).de(None)
        emissao = escrita.Emissao(
            fatura, cliente.id, cliente.nome, cliente.cpf_cnpj, endereco, cliente.email, None, vencimento, vencimento, vencimento, empresa_id, copia_id,
            observacoes=observacoes,
        )
        return self._emitir(emissao, em)

    def cancelar(self, invoice_id: int, *, motivo: str, em: dt.date) -> Invoice:
        """Cancel an invoice that received no money: its charges and credit wait again, its lines may be billed again by ``reemitir``.

        What changes of its contracts have settled on its lines is undone: nobody pays or gets back days that were not billed. The cycle does
        not move back, and its days are not billed by themselves any more. Cancelling again changes nothing. Raises ValorInvalido without a
        reason, RegraViolada when money was received or when its total (credit it used comes back) is beyond what the person may waive.
        """
        exigir_motivo(motivo)
        invoice = self._travar_invoice(invoice_id)
        if invoice.status is StatusInvoice.cancelada:
            return invoice
        if self._tem_pagamento(invoice.id):
            raise RegraViolada(_("A fatura %(numero)s já recebeu pagamento: estorne antes de cancelar.", numero=invoice), codigo="tem_pagamento")
        exigir_limite(self.sessao, Tipo.dispensa, invoice.valor_total, cliente_id=invoice.cliente_id, campo="motivo")
        invoice.status, invoice.data_pagamento, invoice.motivo_cancelamento = StatusInvoice.cancelada, None, motivo[:255]
        self._devolver(invoice)
        self._desfazer_acertos(invoice)
        self._cancelar_cobrancas([invoice.id])
        self._calar(invoice)
        self.sessao.flush()
        dados = {"invoice_id": invoice.id, "numero": invoice.numero_formatado, "motivo": motivo, "valor": str(invoice.valor_total)}
        eventos.registrar(self.sessao, "invoice_cancelada", cliente_id=invoice.cliente_id, **dados)
        self.reavaliar_bloqueio(invoice.cliente_id, em=em)
        return invoice

    def reemitir(self, invoice_id: int, *, em: dt.date) -> Invoice:
        """A new invoice in the place of a cancelled one, which it refers to: its lines, those of a cycle as their days are owed today.

        A plan change or pause since the first was issued counts from its day on; charges and credit that wait are used as by any invoice.

        Raises TransicaoInvalida unless it is cancelled, Conflito when the period has an invoice again, RegraViolada when nothing is owed or no
        company is there to issue it.
        """
        self.exigir_emissao(em)
        antiga = self._travar_invoice(invoice_id)
        if antiga.status is not StatusInvoice.cancelada:
            raise TransicaoInvalida(_("Só uma fatura cancelada pode ser emitida de novo."), invoice_id=invoice_id)
        if self.substituta_de(antiga.id):
            raise Conflito(_("A fatura %(numero)s já foi substituída.", numero=antiga), codigo="ja_substituida", invoice_id=invoice_id)
        if antiga.ciclo_faturamento_id:
            return self._emitir(self._de_novo(antiga, self._do_periodo(antiga), em), em)
        return self._emitir(self._de_novo(antiga, self._sem_ciclo(antiga), em), em)

    def reenviar(self, invoice_id: int, *, em: dt.datetime) -> Notificacao:
        """Send the invoice's message once more, to the customer, by telephone too where he is told so, and to the contacts who get his invoices.

        Returns the first message. Raises RegraViolada when nobody has an address, or for an invoice that is not open or paid.
        """
        invoice = self._travar_invoice(invoice_id)
        cliente = self.sessao.get_one(Cliente, invoice.cliente_id)
        c = leitura.cursor(self.sessao)
        contatos = mensagens.contatos_de(c, [cliente.id]).get(cliente.id, [])
        telefones = mensagens.telefones_de(c, mensagens.EVENTO, [cliente.id]).get(cliente.id, [])
        enderecos = [(Canal.email, e) for e in (cliente.email, *(email for _contato, email in contatos)) if e]
        enderecos += [(Canal[nome], numero) for nome, numero in telefones]
        if not enderecos:
            raise RegraViolada(_("O cliente não tem e-mail."), codigo="sem_email", cliente_id=cliente.id)
        if invoice.status in (StatusInvoice.cancelada, StatusInvoice.draft):
            raise RegraViolada(_("A fatura %(numero)s não pode ser enviada.", numero=invoice), codigo="nao_enviavel")
        situacao = {StatusInvoice.paga: "paga", StatusInvoice.vencida: "vencida"}.get(invoice.status, "aberta")
        dados = {"nome": cliente.nome, **dados_da_invoice(invoice), "situacao": situacao}
        anexo = {"pdf": "invoice", "id": invoice.id, "nome": f"fatura-{invoice.numero_formatado}.pdf"}
        chave = f"{mensagens.EVENTO}:{invoice.id}:{em:%Y%m%d%H%M%S%f}"
        feitas = [
            self.notificacoes.agendar(
                mensagens.EVENTO, chave=f"{chave}:{n}", destinatario=endereco, canal=canal, cliente_id=cliente.id, invoice_id=invoice.id, dados=dados,
                anexos=[anexo] if canal is Canal.email else [], quando=em,
            ) for n, (canal, endereco) in enumerate(enderecos)
        ]
        return feitas[0]

    def _emitir(self, emissao: escrita.Emissao, em: dt.date) -> Invoice:
        c = leitura.cursor(self.sessao)
        lavratura = escrita.Lavratura(em, relogio.agora(), ler_politica(self.sessao), None, ator_id())
        emitidas = emitir_juntas(self.sessao, c, [emissao], lavratura)
        mensagens.pedir_despacho(self.sessao, emitidas)
        return self.sessao.get_one(Invoice, emitidas[0].id)

    def _do_periodo(self, antiga: Invoice) -> regras.Fatura:
        cf = self.sessao.get_one(CicloFaturamento, antiga.ciclo_faturamento_id, with_for_update={"key_share": True})
        existe = select(Invoice.id).where(
            Invoice.ciclo_faturamento_id == cf.id, Invoice.competencia_inicio == antiga.competencia_inicio, Invoice.status != StatusInvoice.cancelada
        )
        if self.sessao.scalar(existe):
            raise Conflito(_("Este período já tem fatura."), codigo="periodo_faturado", invoice_id=antiga.id)
        ciclo = regras.DadosCiclo(cf.id, cf.cliente_id, cf.dia_vencimento, cf.ciclo.meses, cf.ciclo.dias, antiga.competencia_inicio)
        contexto = leitura.ler_contexto(leitura.cursor(self.sessao), [ciclo])
        return regras.fechar(
            self._linhas_devidas(antiga), contexto.lancamentos_de(ciclo), contexto.creditos.get(cf.cliente_id, ()), f"f{cf.id}:{ciclo.vencimento}")

    def _sem_ciclo(self, antiga: Invoice) -> regras.Fatura:
        """The same lines; those that were one-off charges are these again, as far as they still wait, and credit is used as it is today."""
        avulsas = [int(i.chave.split(":")[1]) for i in antiga.itens if (i.chave or "").startswith("lanc:")]
        linhas = [
            regras.Item(i.contrato_id, i.descricao, i.quantidade, i.valor_unitario, i.valor_total, i.tipo.name, None, None, None)
            for i in antiga.itens if not i.chave]
        if not avulsas:
            return regras.fechar(linhas)
        c = leitura.cursor(self.sessao)
        lancamentos = [regras.DadosLancamento(*linha) for linha in c.execute(leitura.LANCAMENTOS_POR_ID, [leitura.vetor(avulsas)])]
        creditos = [regras.DadosCredito(*linha) for _dono, *linha in c.execute(leitura.CREDITOS, [leitura.vetor([antiga.cliente_id])])]
        return regras.fechar(linhas, lancamentos, creditos, f"r{antiga.id}")

    def _de_novo(self, antiga: Invoice, fatura: regras.Fatura, em: dt.date) -> escrita.Emissao:
        if fatura.sem_valor:
            raise RegraViolada(_("Não há o que cobrar neste período."), codigo="sem_valor")
        cliente, c = antiga.cliente, leitura.cursor(self.sessao)
        endereco = dict(c.execute(leitura.ENDERECOS, [leitura.vetor([cliente.id])]).fetchall()).get(cliente.id, "")
        vencimento = max(antiga.data_vencimento, em + dt.timedelta(days=configuracao.ler("faturamento.prazo_minimo_dias")))
        return escrita.Emissao(
            fatura, cliente.id, cliente.nome, cliente.cpf_cnpj, endereco, cliente.email, antiga.ciclo_faturamento_id, antiga.competencia_inicio,
            antiga.competencia_fim, vencimento, *Emitentes(self.sessao).de(antiga.empresa_id), antiga.id, antiga.observacoes,
        )

    def substituta_de(self, invoice_id: int) -> int | None:
        """The id of the invoice that was issued in the place of a cancelled one, if any."""
        return self.sessao.scalar(select(Invoice.id).where(Invoice.substitui_id == invoice_id, Invoice.status != StatusInvoice.cancelada))

    def _tem_pagamento(self, invoice_id: int) -> bool:
        consulta = select(Pagamento.id).where(Pagamento.invoice_id == invoice_id, Pagamento.status == StatusPagamento.confirmado)
        return self.sessao.scalar(consulta.limit(1)) is not None

    def _devolver(self, invoice: Invoice) -> None:
        """One-off charges wait again, used credit is there again, and no line counts any more."""
        for lancamento in self.sessao.scalars(select(Lancamento).where(Lancamento.invoice_id == invoice.id).order_by(Lancamento.id)).all():
            lancamento.status, lancamento.invoice_id = StatusLancamento.aberto, None
        itens = select(ItemInvoice).where(ItemInvoice.invoice_id == invoice.id).order_by(ItemInvoice.id).execution_options(populate_existing=True)
        for item in self.sessao.scalars(itens).all():
            if item.tipo is TipoItem.credito and item.chave:
                credito = self.sessao.get_one(Credito, int(item.chave.split(":")[1]), populate_existing=True)
                credito.saldo = min(credito.valor, credito.saldo - item.valor_total)
            if item.situacao is SituacaoItem.cobrada:
                item.situacao = SituacaoItem.cancelada

    def _calar(self, invoice: Invoice) -> None:
        """Messages about it that have not left yet."""
        pendentes = select(Notificacao).where(Notificacao.invoice_id == invoice.id, Notificacao.status == StatusNotificacao.pendente)
        for mensagem in self.sessao.scalars(pendentes).all():
            mensagem.status, mensagem.erro = StatusNotificacao.cancelada, "fatura cancelada"


def dados_da_invoice(invoice: Invoice) -> dict[str, str]:
    """What templates of messages need of an invoice."""
    desconto = regras.valor_atualizado(invoice, relogio.hoje(), configuracao.feriados_do_operador()).desconto
    return {
        "com_desconto": formatar_reais(invoice.saldo - desconto) if desconto else "",
        "numero": invoice.numero_formatado, "valor": formatar_reais(invoice.saldo or invoice.valor_total), "vencimento": f"{invoice.data_vencimento:%d/%m/%Y}",
    }


def _linha(i: ItemManual) -> regras.Item:
    """A line by hand; a discount's value is negative whichever way it was typed."""
    if i.quantidade < 1 or em_branco(i.descricao):
        raise ValorInvalido(_("Cada item precisa de descrição e quantidade."), campo="itens")
    unitario = quantia(abs(i.valor_unitario), campo="itens", zero=True)
    if i.valor_unitario < ZERO and i.tipo not in NEGATIVOS:
        raise ValorInvalido(_("Só descontos e créditos têm valor negativo."), campo="itens")
    total = quantia(unitario * i.quantidade, campo="itens", zero=True)
    sinal = -1 if i.tipo in NEGATIVOS else 1
    return regras.Item(i.contrato_id, i.descricao[:255], i.quantidade, sinal * unitario, sinal * total, i.tipo.name, None, None, None)
