"""Registering customers: one document, one customer, and the lock every verb begins with."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import select

from app.brasil.documentos import formatar_documento, gerar_cnpj_alfanumerico, gerar_cpf
from app.clientes.models import Cliente, StatusCliente, TipoPessoa
from app.clientes.services import ClienteService, travar_cliente
from app.core.erros import Conflito, NaoEncontrado, ValorInvalido
from app.core.models import Evento
from app.core.transacao import transacao
from tests import fabricas as f

CPF = gerar_cpf(41)


@pytest.mark.parametrize(("documento", "tipo"), [(CPF, TipoPessoa.PF), (gerar_cnpj_alfanumerico(7), TipoPessoa.PJ)])
def test_the_document_decides_the_kind_of_person_and_is_kept_bare(sessao, documento, tipo) -> None:
    cliente = ClienteService(sessao).cadastrar(nome=" Ana Lima ", cpf_cnpj=f" {formatar_documento(documento)} ", telefone="(19) 98765-4321")
    assert (cliente.tipo_pessoa, cliente.cpf_cnpj, cliente.nome, cliente.telefone) == (tipo, documento, "Ana Lima", "19987654321")
    assert cliente.status is StatusCliente.prospecto


def test_a_registered_customer_is_on_his_timeline(sessao) -> None:
    cliente = ClienteService(sessao).cadastrar(nome="Ana", cpf_cnpj=CPF)
    assert sessao.scalars(select(Evento.tipo).where(Evento.cliente_id == cliente.id)).all() == ["cliente_cadastrado"]


@pytest.mark.parametrize(("dados", "campo"), [
    ({"cpf_cnpj": "111.111.111-11"}, "cpf_cnpj"), ({"cpf_cnpj": "12345678900"}, "cpf_cnpj"), ({"cpf_cnpj": ""}, "cpf_cnpj"), ({"nome": "  "}, "nome"),
])
def test_a_wrong_customer_is_refused_at_the_field(sessao, dados, campo) -> None:
    with pytest.raises(ValorInvalido) as recusa:
        ClienteService(sessao).cadastrar(**{"nome": "Ana", "cpf_cnpj": CPF, **dados})
    assert recusa.value.campo == campo


def test_a_document_belongs_to_one_customer_and_the_refusal_says_which(sessao) -> None:
    primeiro = ClienteService(sessao).cadastrar(nome="Ana", cpf_cnpj=CPF)
    with pytest.raises(Conflito) as recusa:
        ClienteService(sessao).cadastrar(nome="Outra", cpf_cnpj=formatar_documento(CPF))
    assert (recusa.value.codigo, recusa.value.dados["cliente_id"]) == ("documento_repetido", primeiro.id)


def test_a_note_needs_text_and_a_customer(sessao) -> None:
    cliente = f.um_cliente(sessao)
    ClienteService(sessao).anotar(cliente.id, " ligou \0 ")
    assert sessao.scalars(select(Evento.dados).where(Evento.tipo == "anotacao")).all() == [{"texto": "ligou"}]
    with pytest.raises(ValorInvalido):
        ClienteService(sessao).anotar(cliente.id, " \0 ")
    with pytest.raises(NaoEncontrado):
        ClienteService(sessao).anotar(cliente.id + 999, "x")


def test_locking_a_customer_that_does_not_exist(sessao) -> None:
    with pytest.raises(NaoEncontrado):
        travar_cliente(sessao, 999_999)


def test_two_verbs_of_one_customer_wait_for_each_other_and_the_second_reads_again(app_real) -> None:
    with app_real.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s).id
    ordem: list[str] = []

    def segundo() -> None:
        with app_real.app_context(), transacao() as s:
            s.get(Cliente, cliente_id)
            ordem.append("pede")
            ordem.append(travar_cliente(s, cliente_id).nome)

    with app_real.app_context(), transacao() as s:
        travar_cliente(s, cliente_id).nome = "Mudado"
        s.flush()
        linha = threading.Thread(target=segundo)
        linha.start()
        while not ordem:
            time.sleep(0.01)
        time.sleep(0.1)
        ordem.append("confirma")
    linha.join(10)
    assert ordem == ["pede", "confirma", "Mudado"]


def test_children_may_be_inserted_while_the_customer_is_locked(app_real) -> None:
    """FOR NO KEY UPDATE: COPY of invoices must pass."""
    with app_real.app_context(), transacao() as s:
        cliente_id = f.um_cliente(s).id
    with app_real.app_context(), transacao() as s:
        travar_cliente(s, cliente_id)
        with app_real.app_context(), transacao() as outra:
            outra.connection().exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            f.um_contrato(outra, cliente_id=cliente_id, faturar=False)
