"""Plain functions that make rows with valid defaults, so that a test states only what matters. Each flushes and returns the row."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.brasil.documentos import gerar_cpf
from app.clientes.models import Cliente, Endereco, StatusCliente, TipoEndereco
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoHistorico
from app.core.datas import primeiro_vencimento
from app.core.models import Empresa
from app.faturamento.estados import StatusInvoice, TipoItem
from app.faturamento.models import Ciclo, CicloFaturamento, ContratoCiclo, Invoice, ItemInvoice, PoliticaCobranca
from app.planos.models import Plano
from app.rede.models import AcessoRede

T = TypeVar("T")
_n = itertools.count(1)
INICIO = dt.date(2026, 1, 10)
SENHA = "senha-de-teste-1"


def gravar(sessao: Session, objeto: T) -> T:
    """Add and flush."""
    sessao.add(objeto)
    sessao.flush()
    return objeto


def uma_empresa(sessao: Session, **kw: Any) -> Empresa:
    """The provider, once per test; given again, it changes what is said."""
    existente = sessao.scalar(select(Empresa).order_by(Empresa.id).limit(1))
    padroes = {
        "razao_social": "Provedor Exemplo Telecom Ltda", "nome_fantasia": "Provedor Exemplo", "cnpj": "11222333000181",
        "chave_pix": "financeiro@exemplo.com.br",
        "logradouro": "Rua das Fibras", "numero": "100", "bairro": "Centro", "municipio": "Campinas", "uf": "SP", "cep": "13010000",
        "email": "financeiro@exemplo.com.br", "telefone": "1932001000",
    }
    if existente is None:
        return gravar(sessao, Empresa(**{**padroes, **kw}))
    for nome, valor in kw.items():
        setattr(existente, nome, valor)
    return gravar(sessao, existente)


def um_cliente(sessao: Session, **kw: Any) -> Cliente:
    """A person with one installation address."""
    n = next(_n)
    padroes = {"nome": f"Cliente {n}", "cpf_cnpj": gerar_cpf(700_000 + n), "email": f"cliente{n}@exemplo.com.br", "telefone": "19987654321"}
    cliente = gravar(sessao, Cliente(**{**padroes, **kw}))
    endereco = Endereco(cliente_id=cliente.id, tipo=TipoEndereco.instalacao, logradouro="Rua A", numero="1", bairro="Centro", municipio="Campinas", uf="SP")
    gravar(sessao, endereco)
    return cliente


def um_plano(sessao: Session, **kw: Any) -> Plano:
    """Fibre, 500/250, R$ 99,90."""
    padroes = {"nome": f"Fibra 500 #{next(_n)}", "download_mbps": 500, "upload_mbps": 250, "preco": Decimal("99.90")}
    return gravar(sessao, Plano(**{**padroes, **kw}))


def um_ciclo(sessao: Session, nome: str = "Mensal", meses: int = 1, dias: int = 30) -> Ciclo:
    """A kind of cycle; the seeded one when it exists."""
    return sessao.scalar(select(Ciclo).where(Ciclo.nome == nome)) or gravar(sessao, Ciclo(nome=nome, meses=meses, dias=dias))


def uma_politica(sessao: Session, **kw: Any) -> PoliticaCobranca:
    """The policy in force, changed as asked."""
    politica = sessao.scalar(select(PoliticaCobranca).where(PoliticaCobranca.padrao)) or PoliticaCobranca(nome="Padrão", padrao=True)
    for nome, valor in kw.items():
        setattr(politica, nome, valor)
    return gravar(sessao, politica)


def um_contrato(sessao: Session, *, dia: int = 10, inicio: dt.date = INICIO, ciclo: str = "Mensal", faturar: bool = True, **kw: Any) -> Contrato:
    """An active contract with its cycle, its access released and its customer active. ``faturar=False`` leaves the cycle out.

    The provider is there too: without a company nothing is issued.
    """
    uma_empresa(sessao)
    cliente_id = kw.pop("cliente_id", None) or um_cliente(sessao, status=StatusCliente.ativo).id
    plano = sessao.get(Plano, kw.pop("plano_id", None) or um_plano(sessao).id)
    n = next(_n)
    padroes = {
        "numero": f"{inicio.year}-{90000 + n}", "data_inicio": inicio, "preco": plano.preco, "status": StatusContrato.ativo, "login_pppoe": f"cliente{n}",
    }
    contrato = gravar(sessao, Contrato(cliente_id=cliente_id, plano_id=plano.id, **{**padroes, **kw}))
    historia = {"plano_id": plano.id, "preco": contrato.preco, "motivo": "Contrato criado"}
    gravar(sessao, ContratoHistorico(contrato_id=contrato.id, versao=1, **historia))
    gravar(sessao, AcessoRede(contrato_id=contrato.id, login=contrato.login_pppoe, grupo=plano.grupo))
    if faturar:
        proximo = primeiro_vencimento(inicio, dia)
        cf = CicloFaturamento(
            cliente_id=cliente_id, ciclo_id=um_ciclo(sessao, ciclo).id, dia_vencimento=dia, data_inicio=inicio, proximo_vencimento=proximo
        )
        gravar(sessao, ContratoCiclo(contrato_id=contrato.id, ciclo_faturamento_id=gravar(sessao, cf).id, desde=inicio))
    return contrato


def uma_invoice(
    sessao: Session, *, contrato: Contrato | None = None, valor: Decimal = Decimal("99.90"), vencimento: dt.date = dt.date(2026, 2, 10), **kw: Any
) -> Invoice:
    """An issued invoice with one item, written directly (no service)."""
    contrato = contrato or um_contrato(sessao)
    cliente = sessao.get(Cliente, contrato.cliente_id)
    padroes = {
        "cliente_id": cliente.id, "competencia_inicio": vencimento, "competencia_fim": vencimento + dt.timedelta(days=27), "valor_total": valor,
        "data_emissao": vencimento - dt.timedelta(days=10), "data_vencimento": vencimento, "status": StatusInvoice.emitida,
        "pagador_nome": cliente.nome, "pagador_documento": cliente.cpf_cnpj, "txid_pix": f"TESTE{next(_n):012d}",
    }
    invoice = gravar(sessao, Invoice(**{**padroes, **kw}))
    item = {"descricao": "Mensalidade", "valor_unitario": valor, "valor_total": valor, "tipo": TipoItem.plano}
    gravar(sessao, ItemInvoice(invoice_id=invoice.id, contrato_id=contrato.id, **item))
    return invoice


def uma_base_com_atrasados(sessao: Session, quantos: int, base: int) -> None:
    """``base`` active contracts, the first ``quantos`` late enough to be blocked without a notice; the policy's limit is 10 % of the base."""
    uma_politica(sessao, exige_aviso=False, limite_percentual_da_base=Decimal(10))
    for n in range(base):
        contrato = um_contrato(sessao)
        if n < quantos:
            uma_invoice(sessao, contrato=contrato)


def um_usuario(sessao: Session, papel: str = "Admin", *, usuario: str | None = None, **kw: Any) -> Any:
    """A user with one role and the password of every test user (``SENHA``)."""
    from flask_appbuilder.security.sqla.models import Role, User

    nome = usuario or f"{papel.lower()}{next(_n)}"
    padroes = {"first_name": papel, "last_name": "Teste", "email": f"{nome}@exemplo.com.br", "active": True, "password": _hash(SENHA)}
    novo = User(username=nome, **{**padroes, **kw})
    novo.roles = [sessao.scalars(select(Role).where(Role.name == papel)).one()]
    return gravar(sessao, novo)


def um_grupo(sessao: Session, *papeis: str) -> Any:
    """A group of people with these roles."""
    from flask_appbuilder.security.sqla.models import Group, Role

    grupo = Group(name=f"grupo{next(_n)}", label="", description="")
    grupo.roles = list(sessao.scalars(select(Role).where(Role.name.in_(papeis))))
    return gravar(sessao, grupo)


def _hash(senha: str) -> str:
    return generate_password_hash(senha, method="pbkdf2:sha256:1000")
