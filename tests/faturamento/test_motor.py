"""The billing run on a real database: what is due, what is written, what advances, what is left aside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.clientes.models import Cliente
from app.contratos.estados import Cobranca, StatusContrato
from app.core import configuracao, relogio
from app.core.models import Evento, UserAuditLog
from app.faturamento.estados import StatusInvoice, StatusLancamento, TipoItem, TipoLancamento
from app.faturamento.models import (
    CicloFaturamento,
    ClienteEstacionado,
    ContratoCiclo,
    CopiaEmitente,
    Credito,
    Invoice,
    ItemInvoice,
    Lancamento,
    PoliticaCobranca,
)
from app.faturamento.motor import Pedido, faturar_lote, prever
from app.faturamento.motor.escrita import txid
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import Canal, ModeloMensagem, Notificacao, StatusNotificacao
from app.notificacoes.regras import renderizar
from app.planos.models import Adicional
from tests.fabricas import gravar, um_cliente, um_contrato, uma_empresa, uma_invoice, uma_politica

HOJE = dt.date(2026, 12, 1)


def rodar(sessao: Session, hoje: dt.date = HOJE, **kw) -> list[Invoice]:
    """Lots until nothing is claimed; the invoices made, oldest first."""
    antes = sessao.scalar(select(func.coalesce(func.max(Invoice.id), 0)))
    while faturar_lote(sessao, Pedido(hoje, **kw)).ciclos:
        pass
    sessao.expire_all()
    return list(sessao.scalars(select(Invoice).where(Invoice.id > antes).order_by(Invoice.id)))


def ciclo_de(sessao: Session, contrato) -> CicloFaturamento:
    return sessao.scalars(select(CicloFaturamento).join(ContratoCiclo).where(ContratoCiclo.contrato_id == contrato.id)).one()


def um_devido(sessao: Session, *, vencimento: dt.date = dt.date(2026, 12, 10), inicio: dt.date = dt.date(2026, 1, 10), **kw):
    contrato = um_contrato(sessao, inicio=inicio, dia=vencimento.day, **kw)
    ciclo_de(sessao, contrato).proximo_vencimento = vencimento
    sessao.flush()
    return contrato


def test_an_invoice_says_who_pays_for_what_and_until_when(sessao) -> None:
    empresa = uma_empresa(sessao)
    contrato = um_devido(sessao)
    (invoice,) = rodar(sessao, execucao_id=None)
    cliente = sessao.get(Cliente, contrato.cliente_id)
    assert (invoice.pagador_nome, invoice.pagador_documento, invoice.pagador_endereco) == (cliente.nome, cliente.cpf_cnpj, "Rua A, 1 – Centro – Campinas/SP")
    assert (invoice.competencia_inicio, invoice.competencia_fim) == (dt.date(2026, 12, 10), dt.date(2027, 1, 9))
    assert (invoice.data_emissao, invoice.data_vencimento, invoice.status) == (HOJE, dt.date(2026, 12, 10), StatusInvoice.emitida)
    assert (invoice.valor_total, invoice.multa_percentual, invoice.juros_mensal) == (D("99.90"), D("2.00"), D("1.00"))
    assert sessao.get(CopiaEmitente, invoice.copia_emitente_id).dados["cnpj"] == empresa.cnpj
    assert (invoice.txid_pix, len(invoice.txid_pix) <= 25, invoice.txid_pix.isalnum()) == (txid(invoice.numero), True, True)
    assert sum(i.valor_total for i in invoice.itens) == invoice.valor_total


def test_the_run_tells_the_customer_the_timeline_and_the_audit(sessao) -> None:
    contrato = um_devido(sessao)
    (invoice,) = rodar(sessao)
    mensagem = sessao.scalars(select(Notificacao).where(Notificacao.invoice_id == invoice.id)).one()
    assert (mensagem.evento, mensagem.chave, mensagem.status) == ("fatura_emitida", f"fatura_emitida:{invoice.id}", StatusNotificacao.pendente)
    assert mensagem.anexos == [{"pdf": "invoice", "id": invoice.id, "nome": f"fatura-{invoice.numero_formatado}.pdf"}]
    evento = sessao.scalars(select(Evento).where(Evento.tipo == "invoice_emitida", Evento.cliente_id == contrato.cliente_id)).one()
    assert evento.dados["invoice_id"] == invoice.id
    assert sessao.scalar(select(func.count()).select_from(UserAuditLog).where(UserAuditLog.action == "emitir")) == 1


def test_a_customer_without_email_gets_no_message(sessao) -> None:
    cliente = um_cliente(sessao, email=None)
    um_devido(sessao, cliente_id=cliente.id)
    (invoice,) = rodar(sessao)
    assert sessao.scalar(select(func.count()).select_from(Notificacao).where(Notificacao.invoice_id == invoice.id)) == 0


def test_only_what_is_within_the_days_before_due_is_billed(sessao) -> None:
    um_devido(sessao, vencimento=dt.date(2026, 12, 12))
    assert rodar(sessao, dt.date(2026, 12, 1)) == []
    assert len(rodar(sessao, dt.date(2026, 12, 2))) == 1


def test_running_again_bills_nothing(sessao) -> None:
    um_devido(sessao)
    assert len(rodar(sessao)) == 1
    assert rodar(sessao) == []


def test_a_cycle_three_periods_behind_is_billed_three_times(sessao) -> None:
    contrato = um_devido(sessao, vencimento=dt.date(2026, 10, 10))
    invoices = rodar(sessao)
    assert [i.competencia_inicio for i in invoices] == [dt.date(2026, 10, 10), dt.date(2026, 11, 10), dt.date(2026, 12, 10)]
    assert {i.data_vencimento for i in invoices} == {dt.date(2026, 12, 6), dt.date(2026, 12, 10)}
    assert ciclo_de(sessao, contrato).proximo_vencimento == dt.date(2027, 1, 10)


def test_an_invoice_issued_late_gives_the_customer_the_minimum_days(sessao) -> None:
    um_devido(sessao, vencimento=dt.date(2026, 12, 2))
    assert rodar(sessao)[0].data_vencimento == dt.date(2026, 12, 6)


def test_several_contracts_of_a_cycle_make_one_invoice_and_separate_cycles_separate_ones(sessao) -> None:
    um = um_devido(sessao)
    dois = um_contrato(sessao, cliente_id=um.cliente_id, faturar=False)
    gravar(sessao, ContratoCiclo(contrato_id=dois.id, ciclo_faturamento_id=ciclo_de(sessao, um).id, desde=dois.data_inicio))
    um_devido(sessao, cliente_id=um.cliente_id)
    assert sorted(i.valor_total for i in rodar(sessao)) == [D("99.90"), D("199.80")]


@pytest.mark.parametrize("status", [s for s in StatusContrato if s is not StatusContrato.ativo])
def test_only_active_contracts_are_billed(sessao, status) -> None:
    contrato = um_devido(sessao, status=status)
    assert rodar(sessao) == []
    assert ciclo_de(sessao, contrato).proximo_vencimento == dt.date(2027, 1, 10)
    assert ciclo_de(sessao, contrato).ativo == (status is not StatusContrato.cancelado)


def test_a_cancelled_contract_with_something_to_pay_is_billed_once_more_and_then_its_cycle_ends(sessao) -> None:
    contrato = um_devido(sessao, status=StatusContrato.cancelado)
    lancar(sessao, contrato.cliente_id, "30.00")
    assert [i.valor_total for i in rodar(sessao)] == [D("30.00")]
    assert rodar(sessao, dt.date(2027, 1, 1)) == []
    assert not ciclo_de(sessao, contrato).ativo


def test_a_contract_that_joined_after_its_period_was_billed_comes_proportionally_with_the_next(sessao) -> None:
    um = um_devido(sessao)
    rodar(sessao)
    novo = um_contrato(sessao, cliente_id=um.cliente_id, inicio=dt.date(2026, 12, 20), faturar=False)
    gravar(sessao, ContratoCiclo(contrato_id=novo.id, ciclo_faturamento_id=ciclo_de(sessao, um).id, desde=dt.date(2026, 12, 20)))
    (invoice,) = rodar(sessao, dt.date(2027, 1, 2))
    do_novo = [i for i in invoice.itens if i.contrato_id == novo.id]
    assert [(i.periodo_inicio, i.valor_total) for i in do_novo] == [(dt.date(2026, 12, 20), D("67.67")), (dt.date(2027, 1, 10), D("99.90"))]
    assert len([i for i in rodar(sessao, dt.date(2027, 2, 2))[0].itens if i.contrato_id == novo.id]) == 1


def test_additional_services_are_billed_with_their_contract(sessao) -> None:
    from app.contratos.models import ContratoItem

    contrato = um_devido(sessao, cobranca=Cobranca.antecipada)
    adicional = gravar(sessao, Adicional(nome="IP fixo", preco=D("15.00")))
    gravar(sessao, ContratoItem(contrato_id=contrato.id, adicional_id=adicional.id, quantidade=2, preco=D("15.00"), de=dt.date(2026, 1, 10)))
    (invoice,) = rodar(sessao)
    assert [(i.tipo, i.quantidade, i.valor_total) for i in invoice.itens] == [(TipoItem.plano, 1, D("99.90")), (TipoItem.servico, 2, D("30.00"))]


def lancar(sessao: Session, cliente_id: int, valor: str, tipo: TipoLancamento = TipoLancamento.acrescimo, **kw) -> Lancamento:
    padroes = {"descricao": "Avulso", "a_partir_de": dt.date(2026, 11, 1)}
    return gravar(sessao, Lancamento(cliente_id=cliente_id, tipo=tipo, valor=D(valor), **{**padroes, **kw}))


def test_a_one_off_charge_is_billed_once_by_the_first_invoice_from_its_date_on(sessao) -> None:
    contrato = um_devido(sessao)
    agora, depois = lancar(sessao, contrato.cliente_id, "50.00"), lancar(sessao, contrato.cliente_id, "70.00", a_partir_de=dt.date(2027, 1, 1))
    (dezembro,) = rodar(sessao)
    assert (dezembro.valor_total, agora.status, agora.invoice_id) == (D("149.90"), StatusLancamento.faturado, dezembro.id)
    assert depois.status is StatusLancamento.aberto
    assert rodar(sessao, dt.date(2027, 1, 2))[0].valor_total == D("169.90")


def test_a_charge_of_the_customer_goes_to_his_first_cycle_only(sessao) -> None:
    um = um_devido(sessao)
    um_devido(sessao, cliente_id=um.cliente_id)
    lancar(sessao, um.cliente_id, "10.00")
    assert [i.valor_total for i in rodar(sessao)] == [D("109.90"), D("99.90")]


def test_a_discount_larger_than_the_invoice_leaves_the_rest_for_the_next(sessao) -> None:
    contrato = um_devido(sessao)
    lancar(sessao, contrato.cliente_id, "150.00", TipoLancamento.desconto, item_tipo=TipoItem.desconto)
    assert [(i.valor_total, i.status) for i in rodar(sessao)] == [(D("0.00"), StatusInvoice.paga)]
    assert rodar(sessao, dt.date(2027, 1, 2))[0].valor_total == D("49.80")
    assert sessao.scalar(select(func.sum(Lancamento.valor)).where(Lancamento.cliente_id == contrato.cliente_id)) == D("150.00")


def test_credit_pays_for_invoices_until_it_is_used_up(sessao) -> None:
    contrato = um_devido(sessao)
    credito = gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D("120.00"), saldo=D("120.00"), motivo="pagou a mais"))
    (dezembro,) = rodar(sessao)
    assert (dezembro.valor_total, dezembro.status, credito.saldo) == (D("0.00"), StatusInvoice.paga, D("20.10"))
    (janeiro,) = rodar(sessao, dt.date(2027, 1, 2))
    assert (janeiro.valor_total, credito.saldo) == (D("79.80"), D("0.00"))
    ditas = dict(sessao.execute(select(Notificacao.invoice_id, Notificacao.dados["situacao"].astext).where(Notificacao.evento == "fatura_emitida")).all())
    assert ditas == {dezembro.id: "paga", janeiro.id: "aberta"}


def test_two_cycles_of_a_customer_share_his_credit(sessao) -> None:
    um = um_devido(sessao)
    um_devido(sessao, cliente_id=um.cliente_id)
    credito = gravar(sessao, Credito(cliente_id=um.cliente_id, valor=D("120.00"), saldo=D("120.00"), motivo="pagou a mais"))
    assert [i.valor_total for i in rodar(sessao)] == [D("0.00"), D("79.80")]
    sessao.refresh(credito)
    assert credito.saldo == 0


def test_the_preview_gives_credit_to_the_invoice_that_the_run_gives_it_to(sessao) -> None:
    um = um_devido(sessao, vencimento=dt.date(2026, 12, 10))
    um_devido(sessao, cliente_id=um.cliente_id, vencimento=dt.date(2026, 12, 5))
    gravar(sessao, Credito(cliente_id=um.cliente_id, valor=D("30.00"), saldo=D("30.00"), motivo="pagou a mais"))
    previstas = sorted((p.vencimento, p.valor_total) for p in prever(sessao, Pedido(HOJE)).amostra)
    assert previstas == sorted((i.data_vencimento, i.valor_total) for i in rodar(sessao))
    assert [total for _vencimento, total in previstas] == [D("69.90"), D("99.90")]


def test_a_customer_whose_data_fails_is_left_aside_with_the_reason_and_the_others_are_billed(sessao) -> None:
    ruim, bom = um_devido(sessao, preco=D("100000000.00")), um_devido(sessao)
    (invoice,) = rodar(sessao)
    assert invoice.cliente_id == bom.cliente_id
    parado = sessao.scalars(select(ClienteEstacionado)).one()
    assert (parado.cliente_id, parado.vencimento) == (ruim.cliente_id, dt.date(2026, 12, 10))
    assert ciclo_de(sessao, ruim).estacionado_motivo == parado.motivo
    assert "fora do que se cobra (até R$ 99.999.999,99)" in parado.motivo


def test_data_the_tables_refuse_parks_only_its_customer(sessao) -> None:
    sessao.execute(text("ALTER TABLE invoice ADD CONSTRAINT recusa CHECK (pagador_nome <> 'Ruim')"))
    contratos = [um_devido(sessao) for _ in range(5)]
    sessao.get(Cliente, contratos[3].cliente_id).nome = "Ruim"
    assert [i.cliente_id for i in rodar(sessao)] == [c.cliente_id for n, c in enumerate(contratos) if n != 3]
    assert "recusa" in sessao.scalars(select(ClienteEstacionado)).one().motivo
    assert ciclo_de(sessao, contratos[3]).proximo_vencimento == dt.date(2026, 12, 10)


def test_a_line_that_another_invoice_carries_is_left_out(sessao) -> None:
    contrato, outro = um_devido(sessao), um_devido(sessao)
    chave = f"c{contrato.id}:plano:{contrato.plano_id}:2026-12-10"
    sessao.scalars(select(ItemInvoice).where(ItemInvoice.invoice_id == uma_invoice(sessao, contrato=contrato).id)).one().chave = chave
    lancar(sessao, contrato.cliente_id, "30.00")
    assert {(i.cliente_id, i.valor_total) for i in rodar(sessao)} == {(contrato.cliente_id, D("30.00")), (outro.cliente_id, D("99.90"))}


def test_a_period_that_has_its_invoice_already_is_not_billed_again(sessao) -> None:
    contrato = um_devido(sessao)
    (invoice,) = rodar(sessao)
    ciclo_de(sessao, contrato).proximo_vencimento = invoice.competencia_inicio
    sessao.flush()
    assert rodar(sessao) == []
    assert ciclo_de(sessao, contrato).proximo_vencimento == dt.date(2027, 1, 10)


def test_the_discount_until_due_is_promised_by_the_policy(sessao) -> None:
    uma_politica(sessao, desconto_pontual_percentual=D("5"))
    um_devido(sessao)
    assert rodar(sessao)[0].desconto_pontual == D("5.00")


def test_names_with_tabs_backslashes_and_accents_survive_the_copy(sessao) -> None:
    nome = "José \\ \t D'Ávila\nNeto"
    um_devido(sessao, cliente_id=um_cliente(sessao, nome=nome).id)
    (invoice,) = rodar(sessao)
    assert invoice.pagador_nome == nome
    assert sessao.scalar(select(Notificacao.dados["nome"].as_string()).where(Notificacao.invoice_id == invoice.id)) == nome


def test_a_preview_says_what_the_run_will_do_and_saves_nothing(sessao) -> None:
    contrato = um_devido(sessao, vencimento=dt.date(2026, 11, 10), inicio=dt.date(2026, 10, 25))
    um_devido(sessao)
    um_devido(sessao, preco=D("0.00"))
    ruim = um_devido(sessao, preco=D("100000000.00"))
    gravar(sessao, Credito(cliente_id=contrato.cliente_id, valor=D("120.00"), saldo=D("120.00"), motivo="pagou a mais"))
    lancar(sessao, contrato.cliente_id, "10.00", a_partir_de=dt.date(2026, 12, 5))
    previa = prever(sessao, Pedido(HOJE))
    assert sessao.scalar(select(func.count()).select_from(Invoice)) == 0
    assert [p.cliente for p in previa.problemas] == [sessao.get(Cliente, ruim.cliente_id).nome]
    invoices = rodar(sessao)
    assert (previa.quantidade, previa.valor, previa.sem_valor) == (len(invoices), sum(i.valor_total for i in invoices), 1)
    assert sum(previa.por_plano.values()) == previa.valor
    assert len(previa.amostra) == 3


def test_small_lots_bill_the_same(sessao) -> None:
    configuracao.gravar(sessao, "faturamento.tamanho_lote", 10)
    for _ in range(25):
        um_devido(sessao)
    assert len(rodar(sessao)) == 25


@pytest.mark.parametrize(("percentual", "diz"), [("5", "Até o vencimento o valor é R$ 95,00, já com o desconto."), ("0", "")])
def test_the_mail_tells_the_discount_its_pix_code_has(sessao, percentual: str, diz: str) -> None:
    uma_empresa(sessao)
    sessao.execute(update(PoliticaCobranca).where(PoliticaCobranca.padrao).values(desconto_pontual_percentual=D(percentual)))
    um_devido(sessao, preco=D("100.00"))
    (invoice,) = rodar(sessao, execucao_id=None)
    modelo = sessao.scalars(select(ModeloMensagem).where(ModeloMensagem.evento == "fatura_emitida", ModeloMensagem.canal == Canal.email)).one()
    for mensagem in (sessao.scalars(select(Notificacao).where(Notificacao.invoice_id == invoice.id)).one(), _de_novo(sessao, invoice)):
        dados = {"portal": "", "chave_pix": "", "provedor": "", "telefone_provedor": "", **mensagem.dados}
        texto = renderizar(modelo.assunto, modelo.corpo, dados, hoje=HOJE)[1].replace("\xa0", " ")
        assert "de R$ 100,00" in texto and ("desconto" in texto) is bool(diz) and diz in texto


def _de_novo(sessao, invoice) -> Notificacao:
    with relogio.mover_para(HOJE):
        return FaturamentoService(sessao).reenviar(invoice.id, em=relogio.agora())
