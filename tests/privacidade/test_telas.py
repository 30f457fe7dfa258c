"""Privacy on screen: requests with their deadlines, consents in two clicks, receipts."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from app.clientes import consentimentos
from app.clientes.models import AcessoDadoPessoal, AcessoPortal, CanalContato, Consentimento, OQueViu
from app.core import arquivos, confirmacao, relogio
from app.core.erros import ValorInvalido
from app.core.transacao import transacao
from app.privacidade.estados import AndamentoPedido, SituacaoPedido, TipoPedido
from app.privacidade.models import PedidoTitular
from app.privacidade.services import PedidoService
from app.usuarios.models import SessaoUsuario
from tests import fabricas as f
from tests.privacidade.apoio import um_titular


def entra(app, http, papel: str) -> None:
    """Sign in as a new person of that role."""
    with app.app_context(), transacao() as s:
        nome = f.um_usuario(s, papel).username
    http.entrar(nome)


@pytest.fixture
def cliente_id(app) -> int:
    """Somebody without contracts."""
    with app.app_context(), transacao() as s:
        return f.um_cliente(s, nome="Maria Privada").id


def o_pedido(app, tipo: TipoPedido) -> PedidoTitular:
    """The newest request of a kind."""
    with app.app_context(), transacao() as s:
        pedido = s.scalars(select(PedidoTitular).where(PedidoTitular.tipo == tipo).order_by(PedidoTitular.id.desc())).first()
        s.refresh(pedido)
        s.expunge(pedido)
        return pedido


def test_an_attendant_registers_a_request_and_only_the_manager_acts_on_it(app, http, cliente_id: int) -> None:
    entra(app, http, "Atendente")
    assert f"/privacidade/cliente/{cliente_id}" in http.get(f"/clientes/{cliente_id}").text
    http.post(f"/privacidade/cliente/{cliente_id}/registrar", data={"tipo": "anonimizacao", "motivo": "Pediu por telefone"})
    pedido = o_pedido(app, TipoPedido.anonimizacao)
    pagina = http.get(f"/privacidade/show/{pedido.id}").text
    assert pedido.protocolo in pagina and "Pediu por telefone" in pagina and "Anonimizar agora" not in pagina
    assert http.post(f"/privacidade/{pedido.id}/anonimizar").status_code == 403
    http.post("/logout/")
    entra(app, http, "Gerente")
    assert "Anonimizar agora" in http.get(f"/privacidade/show/{pedido.id}").text
    http.post(f"/privacidade/{pedido.id}/anonimizar")
    assert o_pedido(app, TipoPedido.anonimizacao).situacao is SituacaoPedido.em_andamento


def test_anonymising_and_the_whole_base_ask_who_it_is_once_more(app, http, cliente_id: int) -> None:
    entra(app, http, "Gerente")
    with app.app_context(), transacao() as s:
        pedido_id = PedidoService(s).registrar(cliente_id, TipoPedido.anonimizacao).id
        s.execute(update(SessaoUsuario).values(confirmada_em=relogio.agora() - confirmacao.JANELA))
        for n in range(3):
            f.um_cliente(s, nome=f"Outro {n}")
    assert http.post(f"/privacidade/{pedido_id}/anonimizar").location.startswith("/confirmar/")
    assert http.get("/clientes/exportar/csv").location.startswith("/confirmar/?next=/clientes/exportar/csv")
    assert http.get("/clientes/exportar/csv?q=maria").status_code == 200      # a part of it is no base
    assert o_pedido(app, TipoPedido.anonimizacao).situacao is SituacaoPedido.aberto


@pytest.mark.parametrize("papel", ["Gerente", "Cliente"])
def test_the_file_asks_the_staff_who_they_are_and_never_the_customer(app, http, cliente_id: int, papel: str) -> None:
    entra(app, http, papel)
    with app.app_context(), transacao() as s:
        s.execute(update(SessaoUsuario).values(confirmada_em=relogio.agora() - confirmacao.JANELA))
        pedido = PedidoService(s).registrar(cliente_id, TipoPedido.exportacao)
        pessoa = s.scalar(select(SessaoUsuario.usuario_id).order_by(SessaoUsuario.id.desc()).limit(1))
        if papel == "Cliente":
            s.add(AcessoPortal(cliente_id=cliente_id, usuario_id=pessoa))
        arquivo_id = arquivos.guardar(s, "dados.zip", "application/zip", b"PK", dono=("pedido_titular", pedido.id)).id
    resposta = http.get(f"/arquivos/{arquivo_id}")
    if papel == "Cliente":
        assert (resposta.status_code, resposta.data) == (200, b"PK")
        return
    assert resposta.location == f"/confirmar/?next=/arquivos/{arquivo_id}"
    with app.app_context(), transacao() as s:
        assert s.scalar(select(AcessoDadoPessoal.id).where(AcessoDadoPessoal.o_que == OQueViu.titular)) is None      # nothing was taken yet
        s.execute(update(SessaoUsuario).values(confirmada_em=relogio.agora()))
    assert http.get(f"/arquivos/{arquivo_id}").data == b"PK"


def test_what_stands_against_it_is_said(app, http) -> None:
    with app.app_context(), transacao() as s:
        contrato = f.um_contrato(s)
        pedido_id, numero = PedidoService(s).registrar(contrato.cliente_id, TipoPedido.anonimizacao).id, contrato.numero
    entra(app, http, "Gerente")
    pagina = http.get(f"/privacidade/show/{pedido_id}").text
    assert f"Há contrato que não terminou: {numero}." in pagina and "Anonimizar agora" not in pagina
    assert numero in http.post(f"/privacidade/{pedido_id}/anonimizar", follow_redirects=True).text


def test_a_request_of_words_is_closed_by_an_answer(app, http, cliente_id: int) -> None:
    entra(app, http, "Gerente")
    http.post(f"/privacidade/cliente/{cliente_id}/registrar", data={"tipo": "informacao"})
    pedido = o_pedido(app, TipoPedido.informacao)
    assert "Escreva a resposta" in http.post(f"/privacidade/{pedido.id}/responder", data={"aceito": "sim"}, follow_redirects=True).text
    http.post(f"/privacidade/{pedido.id}/responder", data={"aceito": "sim", "motivo": "Enviada por e-mail"})
    assert (o_pedido(app, TipoPedido.informacao).situacao, http.get(f"/privacidade/show/{pedido.id}").status_code) == (SituacaoPedido.concluido, 200)
    assert http.post(f"/privacidade/cliente/{cliente_id}/registrar", data={"tipo": "xis"}).status_code == 400


def test_a_late_request_is_red_in_the_list(app, http, cliente_id: int) -> None:
    with app.app_context(), transacao() as s:
        pedido = PedidoService(s).registrar(cliente_id, TipoPedido.correcao)
        assert pedido.andamento is AndamentoPedido.no_prazo
        pedido.prazo = relogio.hoje() - dt.timedelta(days=1)
    entra(app, http, "Atendente")
    assert '<span class="selo selo-danger">Atrasado</span>' in http.get("/privacidade/list/").text


def test_a_consent_is_given_and_withdrawn_and_the_newest_counts(app, http, cliente_id: int) -> None:
    entra(app, http, "Atendente")
    dados = {"canal": "whatsapp", "finalidade": "marketing"}
    endereco = f"/privacidade/cliente/{cliente_id}/consentir"
    http.post(endereco, data={**dados, "concedido": "sim", "motivo": "Ligação de 10/11"})
    http.post(endereco, data={**dados, "concedido": "sim", "motivo": "Outra vez"})
    with app.app_context(), transacao() as s:
        assert consentimentos.vigente(s, cliente_id, CanalContato.whatsapp, "marketing")
        assert not consentimentos.vigente(s, cliente_id, CanalContato.email, "marketing")
        assert consentimentos.vigente(s, cliente_id, CanalContato.email, "cobranca")      # the contract's own messages ask for none
    http.post(endereco, data={**dados, "concedido": "nao", "motivo": "Pediu na loja"})
    with app.app_context(), transacao() as s:
        assert not consentimentos.vigente(s, cliente_id, CanalContato.whatsapp, "marketing")
        linhas = s.scalars(select(Consentimento).where(Consentimento.cliente_id == cliente_id).order_by(Consentimento.id)).all()
        assert [(x.concedido, x.origem, x.versao_texto) for x in linhas] == [
            (True, "Ligação de 10/11", "marketing-2026-11"), (False, "Pediu na loja", "marketing-2026-11")]
        assert all(x.criado_por_id for x in linhas)
    pagina = http.get(f"/privacidade/cliente/{cliente_id}").text
    assert "Ofertas e novidades" in pagina and "Pediu na loja" in pagina and "Execução do contrato" in pagina
    assert "Informe como foi dado" in http.post(endereco, data={**dados, "concedido": "sim"}, follow_redirects=True).text


def test_what_needs_no_consent_is_not_recorded(sessao) -> None:
    cliente = f.um_cliente(sessao)
    with pytest.raises(ValorInvalido):
        consentimentos.registrar(sessao, cliente.id, CanalContato.email, "cobranca", concedido=True, origem="x")


def test_the_page_of_a_customer_says_how_the_copy_is_going(app, http) -> None:
    with app.app_context(), transacao() as s:
        cliente_id = um_titular(s)
    entra(app, http, "Gerente")
    resposta = http.post(f"/privacidade/cliente/{cliente_id}/registrar", data={"tipo": "exportacao"}, follow_redirects=True)
    assert "Em andamento: pode sair desta página." in resposta.text
    pedido = o_pedido(app, TipoPedido.exportacao)
    assert http.get(f"/privacidade/{pedido.id}/baixar").status_code == 404
