"""The import itself: what a line makes, what repeating it does, and that one bad line never stops the file."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from app.brasil.documentos import gerar_cnpj, gerar_cpf
from app.clientes.models import Cliente, Endereco, StatusCliente, TipoPessoa
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato
from app.core import relogio
from app.core.erros import RegraViolada, ValorInvalido
from app.core.models import Evento, UserAuditLog
from app.faturamento.models import CicloFaturamento, ContratoCiclo, Invoice, ItemInvoice
from app.faturamento.services import FaturamentoService
from app.integracoes import consultas
from app.integracoes.models import Importacao, ImportacaoLinha, StatusImportacao
from app.integracoes.services import ImportacaoService
from app.notificacoes.models import Notificacao
from app.planos.models import Plano
from app.rede.models import AcessoRede
from tests import fabricas as f
from tests.integracoes import arquivos as a
from tests.integracoes.apoio import conferir, contagens, desfecho, importar

TABELAS = (Cliente, Endereco, Plano, Contrato, CicloFaturamento, ContratoCiclo, AcessoRede, Invoice, Notificacao, Evento)


def retrato(sessao) -> list[int]:
    """How many rows every table has that an import may touch."""
    return [sessao.scalar(select(func.count()).select_from(t)) for t in TABELAS]


def o_contrato(sessao, login: str = "cliente1") -> Contrato:
    return sessao.scalars(select(Contrato).where(Contrato.login_pppoe == login)).one()


def test_a_line_becomes_customer_address_plan_contract_and_cycle(sessao) -> None:
    importar(sessao, a.csv(a.linha(1)))
    contrato = o_contrato(sessao)
    cliente, plano, endereco = contrato.cliente, contrato.plano, contrato.endereco_instalacao
    assert (cliente.nome, cliente.cpf_cnpj, cliente.email, cliente.telefone) == ("Cliente Número 1", gerar_cpf(1), "cliente1@exemplo.com.br", "19987654321")
    assert cliente.status is StatusCliente.ativo and cliente.tipo_pessoa is TipoPessoa.PF
    assert (endereco.logradouro, endereco.numero, endereco.bairro, endereco.municipio, endereco.uf, endereco.cep) == (
        "Rua das Acácias", "101", "Centro", "Campinas", "SP", "13010000")
    assert (plano.nome, plano.preco, plano.download_mbps, plano.upload_mbps) == ("Fibra 500 Mega", Decimal("1099.90"), 500, 500)
    assert (contrato.status, contrato.preco, contrato.senha_pppoe, contrato.data_inicio) == (
        StatusContrato.ativo, Decimal("1099.90"), "segredo-1", dt.date(2024, 12, 31))
    assert sessao.scalars(select(AcessoRede.login).where(AcessoRede.contrato_id == contrato.id)).one() == "cliente1"


@pytest.mark.parametrize(("dia", "primeiro"), [("25", "2026-11-25"), ("26", "2026-11-26"), ("24", "2026-12-24"), ("31", "2026-11-30"), ("1", "2026-12-01")])
def test_silent_the_past_is_not_billed_and_nobody_is_told(sessao, dia: str, primeiro: str) -> None:
    """The first due date is the next on or after the day of the import, and nothing before it enters an invoice."""
    importar(sessao, a.csv(a.linha(1, **{"Dia Vencimento": dia})))
    contrato = o_contrato(sessao)
    ciclo, desde = sessao.execute(
        select(CicloFaturamento, ContratoCiclo.desde).join(ContratoCiclo, ContratoCiclo.ciclo_faturamento_id == CicloFaturamento.id)).one()
    assert ciclo.proximo_vencimento == desde == dt.date.fromisoformat(primeiro)
    assert f"cobrado desde {desde:%d/%m/%Y}" in sessao.scalars(select(ImportacaoLinha.detalhe)).one()
    assert contrato.data_inicio == dt.date(2024, 12, 31) and contrato.data_renovacao == dt.date(2026, 12, 31)
    assert sessao.scalar(select(func.count()).select_from(Invoice)) == sessao.scalar(select(func.count()).select_from(Notificacao)) == 0


def test_the_first_invoice_is_one_whole_month_from_its_due_date(sessao) -> None:
    """Nothing of the days before it: those belong to the system the customer comes from."""
    f.uma_empresa(sessao)
    importar(sessao, a.csv(a.linha(1, Valor="99,90")))
    vencimento = dt.date(2026, 12, 10)
    with relogio.mover_para(vencimento):
        assert len(FaturamentoService(sessao).gerar_invoices_automaticas(hoje=vencimento)) == 1
    invoice = sessao.scalars(select(Invoice)).one()
    (item,) = sessao.scalars(select(ItemInvoice).where(ItemInvoice.invoice_id == invoice.id))
    assert (invoice.valor_total, item.periodo_inicio, item.periodo_fim) == (Decimal("99.90"), vencimento, dt.date(2027, 1, 9))


@pytest.mark.parametrize("ativacao", [dt.date(2026, 12, 5), a.HOJE])
def test_a_contract_that_begins_now_or_later_is_billed_from_its_first_day(sessao, ativacao: dt.date) -> None:
    """No other system has billed it: its first invoice brings the days before its first due date."""
    importar(sessao, a.csv(a.linha(1, **{"Data Ativação": f"{ativacao:%d/%m/%Y}"})))
    contrato = o_contrato(sessao)
    assert contrato.data_inicio == ativacao
    assert sessao.scalars(select(ContratoCiclo.desde)).one() == ativacao
    assert f"cobrado desde {ativacao:%d/%m/%Y}" in sessao.scalars(select(ImportacaoLinha.detalhe)).one()
    assert sessao.scalars(select(CicloFaturamento.proximo_vencimento)).one() == dt.date(2026, 12, 10)


def test_the_same_file_twice_changes_nothing(sessao) -> None:
    sem_login = {"Login PPPoE": "", "Senha PPPoE": ""}
    dados = a.csv(*(a.linha(n) for n in range(1, 6)), a.linha(6, **sem_login), a.linha(7, **sem_login, Plano="", Valor=""))
    primeira = importar(sessao, dados)
    antes = retrato(sessao)
    assert contagens(sessao, primeira) == {"criada": 7}
    segunda = importar(sessao, dados)
    assert contagens(sessao, segunda) == {"sem_mudanca": 7} and retrato(sessao) == antes
    assert {d for _n, _r, d in desfecho(sessao, segunda)} == {"Nada a mudar."}


def test_lines_repeated_in_one_file_are_one_customer(sessao) -> None:
    sem_login = {"Login PPPoE": "", "Senha PPPoE": ""}
    importacao = importar(sessao, a.csv(a.linha(1), a.linha(1), a.linha(2, **sem_login), a.linha(2, **sem_login, Endereço="RUA DAS ACACIAS")))
    assert [r for _n, r, _d in desfecho(sessao, importacao)] == ["criada", "sem_mudanca", "criada", "sem_mudanca"]
    assert sessao.scalar(select(func.count()).select_from(Contrato)) == 2


def test_a_second_contract_of_the_same_customer(sessao) -> None:
    importacao = importar(sessao, a.csv(a.linha(1), a.linha(1, **{"Login PPPoE": "filial", "Endereço": "Rua B"})))
    assert [r for _n, r, _d in desfecho(sessao, importacao)] == ["criada", "criada"]
    assert sessao.scalar(select(func.count()).select_from(Cliente)) == 1
    assert {c.endereco_instalacao.logradouro for c in sessao.scalars(select(Contrato))} == {"Rua das Acácias", "Rua B"}


def test_changed_contact_data_of_a_known_customer_is_updated_and_said(sessao) -> None:
    importar(sessao, a.csv(a.linha(1)))
    importacao = importar(sessao, a.csv(a.linha(1, Telefone="(19) 3200-1000", **{"E-mail": "NOVO@exemplo.com.br"})))
    assert desfecho(sessao, importacao) == [(2, "atualizada", "Atualiza e-mail, telefone.")]
    cliente = sessao.scalars(select(Cliente)).one()
    assert (cliente.email, cliente.telefone) == ("novo@exemplo.com.br", "1932001000")


def test_an_empty_cell_erases_nothing(sessao) -> None:
    importar(sessao, a.csv(a.linha(1)))
    importacao = importar(sessao, a.csv(a.linha(1, Telefone="", **{"E-mail": ""})))
    assert desfecho(sessao, importacao) == [(2, "sem_mudanca", "Nada a mudar.")]


def test_a_known_contract_is_not_changed_and_the_differences_are_said(sessao) -> None:
    importar(sessao, a.csv(a.linha(1)))
    importacao = importar(sessao, a.csv(a.linha(1, Valor="89,90", Plano="Fibra 300 Mega", Endereço="Rua Outra", **{"Dia Vencimento": "15"})))
    ((_n, resultado, detalhe),) = desfecho(sessao, importacao)
    assert resultado == "sem_mudanca"
    assert all(parte in detalhe for parte in ("plano do contrato é outro", "R$ 1.099,90", "dia 10", "endereço difere"))
    assert o_contrato(sessao).preco == Decimal("1099.90")


def test_a_cancelled_contract_is_not_revived(sessao) -> None:
    importar(sessao, a.csv(a.linha(1)))
    o_contrato(sessao).status = StatusContrato.cancelado
    importacao = importar(sessao, a.csv(a.linha(1)))
    assert "não foi reativado" in desfecho(sessao, importacao)[0][2]
    assert sessao.scalar(select(func.count()).select_from(Contrato)) == 1


def test_the_plan_is_found_by_name_and_keeps_its_price(sessao) -> None:
    plano = f.um_plano(sessao, nome="Fibra Ágil 400", preco=Decimal("79.90"))
    importacao = importar(sessao, a.csv(a.linha(1, Plano="  fibra  AGIL 400", Valor="69,90"), a.linha(2, Plano="Fibra Ágil 400", Valor="")))
    assert [c.preco for c in sessao.scalars(select(Contrato).order_by(Contrato.id))] == [Decimal("69.90"), Decimal("79.90")]
    assert plano.preco == Decimal("79.90") and importacao.planos_novos == []


def test_a_new_plan_without_speed_in_its_name_is_flagged(sessao) -> None:
    importacao = importar(sessao, a.csv(a.linha(1, Plano="Fibra Ouro")))
    plano = sessao.scalars(select(Plano)).one()
    assert (plano.download_mbps, plano.upload_mbps) == (1, 1) and "1/1 Mbps" in desfecho(sessao, importacao)[0][2]
    assert importacao.planos_novos == ["Fibra Ouro"]


def test_companies_and_lost_zeros(sessao) -> None:
    cpf, cnpj = "01234567890", gerar_cnpj(9)
    importar(sessao, a.csv(a.linha(1, **{"CPF/CNPJ": "1234567890"}), a.linha(2, **{"CPF/CNPJ": cnpj, "CEP": "1310000"})))
    assert set(sessao.scalars(select(Cliente.cpf_cnpj))) == {cpf, cnpj}
    assert sessao.scalar(select(Cliente.tipo_pessoa).where(Cliente.cpf_cnpj == cnpj)) is TipoPessoa.PJ
    assert "01310000" in set(sessao.scalars(select(Endereco.cep)))


REJEITADAS = {
    "no name": ({"Nome": ""}, "Falta o nome"),
    "no document": ({"CPF/CNPJ": ""}, "Falta o CPF ou CNPJ"),
    "bad document": ({"CPF/CNPJ": "111.111.111-11"}, "CPF ou CNPJ inválido: 111.111.111-11"),
    "two reasons": ({"CPF/CNPJ": "123", "Valor": "abc"}, "CPF ou CNPJ inválido: 123; Valor inválido: abc"),
    "bad mail": ({"E-mail": "sem arroba"}, "E-mail inválido"),
    "bad cep": ({"CEP": "123"}, "CEP inválido"),
    "bad state": ({"UF": "XX"}, "UF inválida"),
    "no city": ({"Cidade": "", "UF": ""}, "Endereço sem cidade ou UF"),
    "no due day": ({"Dia Vencimento": ""}, "Falta o dia de vencimento"),
    "due day 32": ({"Dia Vencimento": "32"}, "Dia de vencimento inválido"),
    "bad date": ({"Data Ativação": "31/02/2024"}, "Data inválida"),
    "negative": ({"Valor": "-10"}, "negativo"),
    "too much money": ({"Valor": "99999999999,00"}, "Valor inválido"),
    "formula": ({"Nome": "=cmd|' /C calc'!A0"}, "fórmula"),
    "login without plan": ({"Plano": ""}, "falta o plano"),
    "new plan without price": ({"Valor": ""}, "não tem valor"),
    "long name": ({"Nome": "x" * 300}, "255 caracteres"),
    "long login": ({"Login PPPoE": "x" * 65}, "64 caracteres"),
}


@pytest.mark.parametrize(("mudancas", "motivo"), REJEITADAS.values(), ids=REJEITADAS)
def test_a_bad_line_is_rejected_with_its_reasons_and_the_others_go_on(sessao, mudancas: dict[str, str], motivo: str) -> None:
    outro = {"Plano": "Base 10 Mega"}
    importacao = importar(sessao, a.csv(a.linha(1, **outro), a.linha(2, **mudancas), a.linha(3, **outro)))
    fim = desfecho(sessao, importacao)
    assert [r for _n, r, _d in fim] == ["criada", "rejeitada", "criada"] and motivo in fim[1][2]
    assert sessao.scalar(select(func.count()).select_from(Cliente)) == 2


@pytest.mark.parametrize(("mudancas", "motivo"), [
    ({"Nome": "=1+1"}, "Nome tem uma fórmula: =1+1"), ({"CPF/CNPJ": "=1+1"}, "CPF/CNPJ tem uma fórmula: =1+1"),
    ({"Dia Vencimento": "=1+1"}, "Dia Vencimento tem uma fórmula: =1+1"), ({"Nome": "", "CPF/CNPJ": ""}, "Falta o nome; Falta o CPF ou CNPJ"),
])
def test_a_field_is_refused_for_one_reason(sessao, mudancas: dict[str, str], motivo: str) -> None:
    assert desfecho(sessao, importar(sessao, a.csv(a.linha(1, **mudancas))))[0][2] == motivo


def test_a_plan_that_is_no_longer_sold(sessao) -> None:
    f.um_plano(sessao, nome="Fibra 500 Mega", ativo=False)
    importacao = importar(sessao, a.csv(a.linha(1)))
    assert desfecho(sessao, importacao)[0][1] == "rejeitada" and "não é mais vendido" in desfecho(sessao, importacao)[0][2]
    assert sessao.scalar(select(func.count()).select_from(Cliente)) == 0      # nothing half-made


def test_a_login_of_somebody_else(sessao) -> None:
    importacao = importar(sessao, a.csv(a.linha(1), a.linha(2, **{"Login PPPoE": "cliente1"})))
    assert desfecho(sessao, importacao)[1] == (3, "rejeitada", "O login PPPoE já é de outro cliente")
    assert sessao.scalar(select(func.count()).select_from(Cliente)) == 1


def test_a_line_that_the_database_refuses_leaves_no_trace(sessao, app) -> None:
    """Two addresses of the same customer are fine; a trigger stands for whatever a database may refuse in the middle of a line."""
    from sqlalchemy import text

    sessao.execute(text("ALTER TABLE contrato ADD CONSTRAINT teste CHECK (preco <> 13)"))
    importacao = conferir(sessao, a.csv(a.linha(1), a.linha(2, Valor="13,00"), a.linha(3)))
    importacao.status = StatusImportacao.importando
    ImportacaoService(sessao).importar_lote(importacao.id, 0, hoje=a.HOJE)
    assert [r for _n, r, _d in desfecho(sessao, importacao)] == ["criada", "rejeitada", "criada"]
    assert "O banco recusou" in desfecho(sessao, importacao)[1][2]
    assert sessao.scalar(select(Cliente).where(Cliente.cpf_cnpj == gerar_cpf(2))) is None
    numeros = sessao.scalars(select(Contrato.numero).order_by(Contrato.id)).all()
    assert numeros == ["2024-00001", "2024-00002"]
    for tabela in ("cliente", "contrato"):      # the audit trail knows nothing of what was undone
        criados = select(UserAuditLog.resource_id).where(UserAuditLog.resource == tabela, UserAuditLog.action == "criar")
        assert sorted(sessao.scalars(criados)) == sorted(map(str, sessao.scalars(select(sa.column("id")).select_from(sa.table(tabela)))))


def test_the_preview_writes_nothing_but_itself(sessao) -> None:
    antes = retrato(sessao)
    importacao = conferir(sessao, a.csv(a.linha(1), a.linha(2), a.linha(3, Nome="")))
    assert retrato(sessao) == antes and importacao.status is StatusImportacao.conferida
    assert contagens(sessao, importacao) == {"criada": 2, "rejeitada": 1}
    assert importacao.planos_novos == ["Fibra 500 Mega"]


def test_rejected_lines_come_back_with_the_reason_and_can_be_sent_again(sessao) -> None:
    from app.core.exportacao import linhas_csv

    dados = a.csv(a.linha(1), a.linha(2, Nome="", Telefone="+55 19 98765-4321", CEP="01310-100"), b"x;y".decode().split(";"))
    importacao = importar(sessao, dados)
    arquivo = b"".join(linhas_csv(consultas.cabecalho_das_rejeitadas(importacao), consultas.rejeitadas(sessao, importacao.id)))
    texto = arquivo.decode("utf-8-sig")
    assert "linha 3: Falta o nome" in texto and texto.count("\r\n") == 3
    corrigido = texto.replace(";;" + a.linha(2)[1], ";Agora Com Nome;" + a.linha(2)[1])
    segunda = importar(sessao, corrigido.encode("utf-8-sig"))
    assert contagens(sessao, segunda) == {"criada": 1, "rejeitada": 1}
    assert sessao.scalar(select(Cliente.telefone).where(Cliente.nome == "Agora Com Nome")) == "19987654321"


def test_what_was_imported_is_forgotten_and_passwords_are_never_in_the_clear(sessao) -> None:
    from sqlalchemy import text

    importacao = conferir(sessao, a.csv(a.linha(1), a.linha(2, Nome="")))
    guardado = sessao.execute(text("select dados from importacao_linha where importacao_id = :i"), {"i": importacao.id}).scalars().all()
    assert all(d and "segredo" not in d for d in guardado)
    importacao.status = StatusImportacao.importando
    ImportacaoService(sessao).importar_lote(importacao.id, 0, hoje=a.HOJE)
    restantes = sessao.execute(select(ImportacaoLinha.numero).where(ImportacaoLinha.importacao_id == importacao.id, ImportacaoLinha.dados.is_not(None)))
    assert restantes.scalars().all() == [3]


def test_duplicated_titles_are_said_and_the_first_counts(sessao) -> None:
    dados = a.csv([*a.linha(1), "(19) 3200-9999"], cabecalho=[*a.CABECALHO, "Telefone"])
    importacao = importar(sessao, dados)
    assert importacao.avisos == ["A coluna “Telefone” aparece mais de uma vez; vale a primeira."]
    assert sessao.scalars(select(Cliente.telefone)).one() == "19987654321"


@pytest.mark.parametrize(("mapeamento", "motivo"), [
    ([None, "documento", "email"], "Nome"), (["nome", "nome", "documento"], "Duas colunas"), (["nome", "documento"], "inválido"),
    (["nome", "documento", "x"], "inválido"),
])
def test_a_mapping_that_cannot_be_used(sessao, mapeamento: list[str | None], motivo: str) -> None:
    importacao = ImportacaoService(sessao).receber("c.csv", b"A;B;C\r\nAna;1;2\r\n")
    with pytest.raises(ValorInvalido, match=motivo):
        ImportacaoService(sessao).mapear(importacao.id, mapeamento)


def test_verbs_out_of_order(sessao) -> None:
    servico = ImportacaoService(sessao)
    importacao = servico.receber("c.csv", a.csv(a.linha(1)))
    with pytest.raises(RegraViolada):
        servico.iniciar(importacao.id)
    servico.mapear(importacao.id, importacao.mapeamento)
    with pytest.raises(RegraViolada):
        servico.mapear(importacao.id, importacao.mapeamento)      # its preview waits
    with pytest.raises(RegraViolada):
        servico.descartar(importacao.id)


def test_discarding_deletes_what_was_kept(sessao) -> None:
    importacao = conferir(sessao, a.csv(a.linha(1)))
    ImportacaoService(sessao).descartar(importacao.id)
    assert importacao.status is StatusImportacao.descartada
    assert sessao.scalar(select(func.count()).select_from(ImportacaoLinha).where(ImportacaoLinha.importacao_id == importacao.id)) == 0
    assert sessao.get(Importacao, importacao.id) is not None
