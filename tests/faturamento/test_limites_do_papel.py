"""What each role may give away: within and at the limit free, one centavo above refused, or asked to prove who one is for those with the right to it.

Every verb by which a person gives money away is here, at its page or through the API; the system's own settlements are not limited.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import Group, Role
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from app.contratos.models import Contrato
from app.core import relogio
from app.core.ator import agindo_como
from app.core.erros import RegraViolada
from app.core.transacao import transacao
from app.faturamento.estados import TipoLancamento
from app.faturamento.models import Credito
from app.faturamento.services import FaturamentoService
from app.planos.models import Adicional
from app.usuarios.models import Concessao, LimitePapel
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import faturado

LIMITE = Decimal("100.00")
FRASE = "Acima do limite do seu papel (R$ 100,00 por cliente em 30 dias). Peça a quem pode dar mais."


@pytest.fixture
def casa(app, http) -> dict[str, Any]:
    """Financeiro and Atendente may give R$ 100,00 of each; a customer with a contract of R$ 300,00 a month, an additional service of R$ 200,00."""
    with app.app_context(), transacao() as s:
        for limites in s.scalars(select(LimitePapel).join(Role).where(Role.name.in_(("Financeiro", "Atendente", "Gerente")))):
            limites.desconto = limites.credito = limites.dispensa = LIMITE
        for papel in ("Admin", "Gerente", "Financeiro", "Atendente", "Tecnico"):
            f.um_usuario(s, papel, usuario=papel.lower())
        plano = f.um_plano(s, preco=Decimal("300.00"))
        contrato = f.um_contrato(s, plano_id=plano.id, beneficio_fidelidade=Decimal("300.00"))
        adicional = f.gravar(s, Adicional(nome="IP fixo", preco=Decimal("200.00")))
        return {"cliente": contrato.cliente_id, "contrato": contrato.id, "plano": f.um_plano(s, preco=Decimal("300.00")).id, "adicional": adicional.id}


class Programa:
    """Somebody's API token."""

    def __init__(self, app, usuario: str) -> None:
        self.http = app.test_client()
        corpo = self.http.post("/api/v1/security/login", json={"username": usuario, "password": f.SENHA, "provider": "db"}).json
        self.cabecalho = {"Authorization": f"Bearer {corpo['access_token']}"}

    def mandar(self, caminho: str, metodo: str = "POST", **corpo: Any) -> Any:
        return self.http.open(f"/api/v1/{caminho}", method=metodo, json=corpo, headers=self.cabecalho)


def _fatura(app, casa, valor: Decimal) -> int:
    with app.app_context(), transacao() as s:
        from app.contratos.models import Contrato

        return f.uma_invoice(s, contrato=s.get(Contrato, casa["contrato"]), valor=valor, vencimento=dt.date(2026, 5, 10)).id


def _lancamento(app, casa, valor: Decimal) -> int:
    with app.app_context(), transacao() as s:
        dados = {"tipo": TipoLancamento.acrescimo, "descricao": "Visita", "valor": valor, "a_partir_de": relogio.hoje()}
        return FaturamentoService(s).lancar(casa["cliente"], **dados)[0].id


def _novo_contrato(casa, **mais: Any) -> dict[str, Any]:
    return {"cliente_id": casa["cliente"], "plano_id": casa["plano"], "data_inicio": relogio.hoje().isoformat(), **mais}


# verb → who → the request that gives ``valor`` reais away
VERBOS: dict[str, tuple[str, Any]] = {
    "desconto na próxima fatura": ("financeiro", lambda p, a, c, v: p.mandar(
        "lancamento/lancar", cliente_id=c["cliente"], tipo="desconto", descricao="Cortesia", valor=str(v), a_partir_de=relogio.hoje().isoformat())),
    "desconto em parcelas": ("financeiro", lambda p, a, c, v: p.mandar(
        "lancamento/lancar", cliente_id=c["cliente"], tipo="desconto", descricao="Cortesia", valor=str(v), parcelas=5,
        a_partir_de=relogio.hoje().isoformat())),
    "crédito": ("financeiro", lambda p, a, c, v: p.mandar("credito/dar", cliente_id=c["cliente"], valor=str(v), motivo="Cortesia")),
    "desconto na fatura avulsa": ("financeiro", lambda p, a, c, v: p.mandar(
        "invoice/gerar", cliente_id=c["cliente"], vencimento=(relogio.hoje() + dt.timedelta(days=10)).isoformat(), itens=[
            {"descricao": "Serviço", "valor_unitario": "500.00", "tipo": "servico"}, {"descricao": "Desconto", "valor_unitario": str(v), "tipo": "desconto"}])),
    "fatura cancelada": ("financeiro", lambda p, a, c, v: p.mandar(f"invoice/{_fatura(a, c, v)}/cancelar", motivo="Cortesia")),
    "cobrança cancelada": ("financeiro", lambda p, a, c, v: p.mandar(f"lancamento/{_lancamento(a, c, v)}/cancelar", motivo="Cortesia")),
    "contrato com desconto": ("atendente", lambda p, a, c, v: p.mandar("contrato/criar", **_novo_contrato(c, desconto=str(v)))),
    "contrato abaixo da tabela": ("atendente", lambda p, a, c, v: p.mandar("contrato/criar", **_novo_contrato(c, preco=str(300 - v)))),
    "contrato com os dois": ("atendente", lambda p, a, c, v: p.mandar("contrato/criar", **_novo_contrato(c, preco="250.00", desconto=str(v - 50)))),
    "plano novo abaixo da tabela": ("atendente", lambda p, a, c, v: p.mandar(f"contrato/{c['contrato']}/mudar_plano", plano_id=c["plano"], preco=str(300 - v))),
    "serviço abaixo da tabela": ("atendente", lambda p, a, c, v: p.mandar(
        "contrato_item/", contrato=c["contrato"], adicional=c["adicional"], quantidade=1, preco=str(200 - v), de=relogio.hoje().isoformat())),
    "fidelidade menor": ("atendente", lambda p, a, c, v: p.mandar(f"contrato/{c['contrato']}", "PUT", beneficio_fidelidade=str(300 - v))),
}


@pytest.mark.parametrize("nome", VERBOS)
def test_every_verb_stops_one_centavo_above_the_limit(app, http, casa, nome: str) -> None:
    quem, pedir = VERBOS[nome]
    programa = Programa(app, quem)
    recusada = pedir(programa, app, casa, LIMITE + Decimal("0.01"))
    assert (recusada.status_code, recusada.json["message"]) == (422, FRASE), recusada.json
    no_limite = pedir(programa, app, casa, LIMITE)
    assert no_limite.status_code in (200, 201), no_limite.json


@pytest.mark.parametrize(("quem", "espera"), [("admin", 201), ("gerente", 201), ("financeiro", 422), ("tecnico", 403)])
def test_beyond_it_go_the_administrator_and_who_has_the_right(app, http, casa, quem: str, espera: int) -> None:
    resposta = Programa(app, quem).mandar("credito/dar", cliente_id=casa["cliente"], valor="100.01", motivo="Cortesia")
    assert resposta.status_code == espera, resposta.json


def test_the_largest_of_role_and_group_counts(app, http, casa) -> None:
    with app.app_context(), transacao() as s:
        do_grupo = f.gravar(s, Role(name="Retenção"))
        f.gravar(s, LimitePapel(papel_id=do_grupo.id, credito=Decimal("250.00")))
        from flask_appbuilder.security.sqla.models import User

        pessoa = s.scalars(select(User).where(User.username == "financeiro")).one()
        s.add(Group(name="retencao", label="Retenção", description="", roles=[do_grupo], users=[pessoa]))
    programa = Programa(app, "financeiro")
    respostas = [programa.mandar("credito/dar", cliente_id=casa["cliente"], valor=v, motivo="Cortesia").status_code for v in ("250.00", "250.01")]
    assert respostas == [201, 422]


def test_at_the_page_the_refusal_is_at_the_field_with_what_was_typed(app, http, casa) -> None:
    http.entrar("financeiro")
    resposta = http.post(f"/faturamento/avulsos/credito?cliente={casa['cliente']}", data={"valor": "100,01", "motivo": "Cortesia"})
    assert FRASE in resposta.text and 'value="100,01"' in resposta.text and 'value="Cortesia"' in resposta.text
    with app.app_context(), transacao() as s:
        assert s.scalars(select(Credito)).all() == []


def test_who_may_go_beyond_proves_himself_first_and_comes_back_to_the_form(app, http, casa) -> None:
    http.entrar("gerente")
    endereco = f"/faturamento/avulsos/credito?cliente={casa['cliente']}"
    dados = {"valor": "100,01", "motivo": "Cortesia"}
    with relogio.mover_para(relogio.agora() + dt.timedelta(minutes=20)):
        resposta = http.post(endereco, data=dados, headers={"Referer": f"http://localhost{endereco}"})
        assert resposta.status_code == 302 and "confirmar" in resposta.location and "avulsos%2Fcredito" in resposta.location.replace("/credito", "%2Fcredito")
        with app.app_context(), transacao() as s:
            assert s.scalars(select(Credito)).all() == []
        assert http.post(endereco, data={**dados, "valor": "100,00"}).location == f"/clientes/{casa['cliente']}"
    http.post("/logout/")
    http.entrar("gerente")
    assert http.post(endereco, data=dados).location == f"/clientes/{casa['cliente']}"


def test_the_systems_own_settlements_are_not_limited(app, http, casa) -> None:
    """A plan change gives back days already billed, whatever the person who presses the button may give of his own."""
    with app.app_context(), transacao() as s:
        limites = s.scalars(select(LimitePapel).join(Role).where(Role.name == "Atendente")).one()
        limites.desconto = limites.credito = limites.dispensa = Decimal(0)
    assert Programa(app, "atendente").mandar(f"contrato/{casa['contrato']}/encerrar", motivo="Mudou de cidade").status_code == 200
    with app.app_context(), transacao() as s:
        FaturamentoService(s).creditar(casa["cliente"], valor=Decimal("9999.00"), motivo="do sistema")
        assert s.scalars(select(Credito.valor)).all() == [Decimal("9999.00")]


@pytest.fixture
def agindo(app, sessao):
    """Whoever of the role Atendente, who may give R$ 20,00 of credit and R$ 25,00 of discount, is acting at a page on 5 March; a contract of
    R$ 100,00 billed for 10 February to 9 March."""
    limites = sessao.scalars(select(LimitePapel).join(Role).where(Role.name == "Atendente")).one()
    limites.desconto, limites.credito = Decimal(25), Decimal(20)
    quem = f.um_usuario(sessao, "Atendente").id
    servico, invoice = faturado(sessao, plano_id=f.um_plano(sessao, preco=Decimal("100.00")).id)
    contrato = sessao.scalars(select(Contrato).where(Contrato.cliente_id == invoice.cliente_id)).one()
    with relogio.mover_para(dt.date(2026, 3, 5)), app.test_request_context("/"), agindo_como(quem):
        yield servico, contrato


# 28 days of R$ 3,57: five that are over are R$ 17,86, six R$ 21,43; those to come are given back whatever they are
@pytest.mark.parametrize(("dia", "passa"), [(5, True), (28, True), (27, False), (11, False)])
@pytest.mark.parametrize("verbo", ["suspender_a_pedido", "encerrar_contrato"])
def test_days_that_are_over_are_given_back_within_the_limit_only(agindo, verbo: str, dia: int, passa: bool) -> None:
    servico, contrato = agindo
    em = dt.date(2026, 3, 5) if dia == 5 else dt.date(2026, 2, dia)
    fazer = {
        "suspender_a_pedido": lambda: servico.suspender_a_pedido(contrato.id, em=em),
        "encerrar_contrato": lambda: servico.encerrar_contrato(contrato.id, em=em - dt.timedelta(days=1), motivo="Mudou"),
    }[verbo]
    if passa:
        fazer()
    else:
        with pytest.raises(RegraViolada, match="Acima do limite do seu papel"):
            fazer()


@pytest.mark.parametrize(("dia", "passa"), [(5, True), (28, True), (11, False)])
def test_a_lower_price_for_days_that_are_over_is_a_discount_of_whoever_gives_it(agindo, dia: int, passa: bool) -> None:
    servico, contrato = agindo
    em = dt.date(2026, 3, 5) if dia == 5 else dt.date(2026, 2, dia)
    if passa:      # R$ 20,00 a month, and what that is for the days that are over
        servico.mudar_plano(contrato.id, contrato.plano_id, em=em, preco=Decimal("80.00"))
    else:
        outro = f.um_plano(servico.sessao, preco=Decimal("10.00"))      # its own price: nothing below the list
        with pytest.raises(RegraViolada, match="Acima do limite do seu papel"):
            servico.mudar_plano(contrato.id, outro.id, em=em)


# ---- many small gifts are one

def _creditos(app, casa, *valores: str, quem: str = "financeiro", cliente: int | None = None) -> list[int]:
    programa = Programa(app, quem)
    return [programa.mandar("credito/dar", cliente_id=cliente or casa["cliente"], valor=v, motivo="Cortesia").status_code for v in valores]


def _concessoes(app) -> list[tuple[str, Decimal, bool]]:
    with app.app_context(), transacao() as s:
        return [(c.tipo.name, c.valor, c.acima) for c in s.scalars(select(Concessao).order_by(Concessao.id))]


def test_gifts_to_one_customer_add_up_for_thirty_days_and_to_another_they_do_not(app, http, casa) -> None:
    with app.app_context(), transacao() as s:
        outro = f.um_cliente(s).id
    assert _creditos(app, casa, "40.00", "40.00", "20.01", "20.00", "0.01") == [201, 201, 422, 201, 422]
    dito = Programa(app, "financeiro").mandar("credito/dar", cliente_id=casa["cliente"], valor="1.00", motivo="Cortesia").json["message"]
    assert dito == "Acima do limite do seu papel: R$ 100,00 por cliente em 30 dias, dos quais você já deu R$ 100,00 a este. Peça a quem pode dar mais."
    assert _creditos(app, casa, "100.00", cliente=outro) == [201]
    desconto = VERBOS["desconto na próxima fatura"][1](Programa(app, "financeiro"), app, casa, LIMITE)
    assert desconto.status_code == 201, "each of the three kinds has its own sum"
    with relogio.mover_para(relogio.agora() + dt.timedelta(days=29, hours=23)):
        assert _creditos(app, casa, "0.01") == [422]
    with relogio.mover_para(relogio.agora() + dt.timedelta(days=30, minutes=1)):
        assert _creditos(app, casa, "100.00", "0.01") == [201, 422]


def test_what_one_person_gave_is_not_anothers(app, http, casa) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Financeiro", usuario="outra")
    assert _creditos(app, casa, "100.00") + _creditos(app, casa, "100.00", quem="outra") == [201, 201]


def test_a_benefit_lowered_step_by_step_stops_at_the_limit(app, http, casa) -> None:
    programa = Programa(app, "atendente")
    feitos = [programa.mandar(f"contrato/{casa['contrato']}", "PUT", beneficio_fidelidade=v).status_code for v in ("260.00", "220.00", "190.00", "200.00")]
    assert feitos == [200, 200, 422, 200]


def test_what_was_taken_back_counts_all_the_same(app, http, casa) -> None:
    """Or somebody would give, have it used, and take back what is left."""
    programa = Programa(app, "financeiro")
    dado = VERBOS["desconto na próxima fatura"][1](programa, app, casa, LIMITE)
    with app.app_context(), transacao() as s:
        from app.faturamento.models import Lancamento

        feito = s.scalars(select(Lancamento.id).where(Lancamento.tipo == TipoLancamento.desconto)).one()
    assert dado.status_code == 201 and programa.mandar(f"lancamento/{feito}/cancelar", motivo="Engano").status_code == 200
    assert VERBOS["desconto na próxima fatura"][1](programa, app, casa, Decimal("0.01")).status_code == 422


def test_refused_or_rolled_back_leaves_nothing_and_every_gift_is_one_row(app, http, casa) -> None:
    assert _creditos(app, casa, "100.01") == [422] and _concessoes(app) == []
    recusada = Programa(app, "financeiro").mandar("credito/dar", cliente_id=casa["cliente"], valor="10.00", motivo="")
    assert recusada.status_code in (400, 422) and _concessoes(app) == []
    assert _creditos(app, casa, "30.00") + _creditos(app, casa, "150.00", quem="gerente") + _creditos(app, casa, "500.00", quem="admin") == [201, 201, 201]
    assert _concessoes(app) == [("credito", Decimal("30.00"), False), ("credito", Decimal("150.00"), True), ("credito", Decimal("500.00"), False)]


def test_the_same_request_sent_again_counts_once(app, http, casa) -> None:
    programa = Programa(app, "financeiro")
    programa.cabecalho["Idempotency-Key"] = "credito-1"
    for _vez in range(3):
        assert programa.mandar("credito/dar", cliente_id=casa["cliente"], valor="60.00", motivo="Cortesia").status_code in (200, 201)
    assert _concessoes(app) == [("credito", Decimal("60.00"), False)]


def test_two_at_once_do_not_pass_together(app_real, servidores) -> None:
    import threading

    with app_real.app_context(), transacao() as s:
        s.scalars(select(LimitePapel).join(Role).where(Role.name == "Financeiro")).one().credito = LIMITE
        f.um_usuario(s, "Financeiro", usuario="financeiro")
        cliente = f.um_cliente(s).id
    programas, respostas = [Programa(app_real, "financeiro") for _n in range(6)], []

    def pedir(programa: Programa) -> None:
        respostas.append(programa.mandar("credito/dar", cliente_id=cliente, valor="60.00", motivo="Cortesia").status_code)

    linhas = [threading.Thread(target=pedir, args=(p,)) for p in programas]
    for linha in linhas:
        linha.start()
    for linha in linhas:
        linha.join()
    assert sorted(respostas) == [201, 422, 422, 422, 422, 422]
    with app_real.app_context(), transacao() as s:
        assert s.scalars(select(Credito.valor)).all() == [Decimal("60.00")]


@pytest.mark.parametrize("comando", [update(Concessao).values(valor=1), delete(Concessao), text("TRUNCATE concessao")], ids=["update", "delete", "truncate"])
def test_nobody_changes_what_was_given(sessao, comando) -> None:
    f.gravar(sessao, Concessao(usuario_id=1, cliente_id=1, tipo="credito", valor=Decimal("10.00")))
    with pytest.raises(DBAPIError, match="append-only"):
        sessao.execute(comando)


def test_the_manager_sees_who_gave_whom_how_much(app, http, casa) -> None:
    _creditos(app, casa, "30.00")
    _creditos(app, casa, "150.00", quem="gerente")
    http.entrar("gerente")
    todas, acima = (" ".join(http.get(f"/faturamento/concessoes/list/{q}").text.split()) for q in ("", "?_flt_0_acima=y"))
    assert "30,00" in todas and "150,00" in todas and "Crédito" in todas
    assert "150,00" in acima and "30,00" not in acima.split("<tbody")[1]
    atendente = app.test_client()
    atendente.entrar("atendente")
    assert atendente.get("/faturamento/concessoes/list/").status_code == 403


def test_an_invoice_paid_by_a_credit_of_ones_own_is_no_way_to_waive_more(app, http, casa) -> None:
    """Cancelled, the credit comes back whole: what is given up is the invoice's total."""
    programa, fatura = Programa(app, "financeiro"), _fatura(app, casa, Decimal("150.00"))
    with app.app_context(), transacao() as s:
        credito = FaturamentoService(s).creditar(casa["cliente"], valor=Decimal("150.00"), motivo="Cortesia").id
    assert programa.mandar(f"credito/{credito}/aplicar", invoice_id=fatura).status_code in (200, 201)
    recusada = programa.mandar(f"invoice/{fatura}/cancelar", motivo="Cortesia")
    assert (recusada.status_code, recusada.json["message"]) == (422, FRASE)
