"""Doing what was decided for one line, through the services, silently: no message leaves and nothing of the past is billed."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.clientes.models import Endereco, TipoEndereco
from app.clientes.services import ClienteService, travar_cliente
from app.contratos.services import ContratoService
from app.core.datas import mais_meses
from app.faturamento.services import FaturamentoService, Inicio
from app.integracoes import valores
from app.integracoes.decisao import CONTATO, Decisao, PlanoVisto, cobrado_desde
from app.integracoes.linhas import EnderecoLido
from app.planos.models import Plano


class Feito(NamedTuple):
    """Ids of what a line made or was about."""

    cliente_id: int
    endereco_id: int | None
    contrato_id: int | None


def aplicar(sessao: Session, d: Decisao, *, hoje: dt.date) -> Feito:
    """Write a decision; ``hoje`` is the day of the import. Raises what the services raise; the caller isolates the line."""
    r = d.registro
    if d.cliente is None:
        contato = {campo: getattr(r, campo) for campo in CONTATO}
        cliente_id = ClienteService(sessao).cadastrar(nome=r.nome, cpf_cnpj=r.documento, **contato).id
    else:
        cliente_id = d.cliente.id
        _atualizar(sessao, cliente_id, d.mudancas)
    endereco_id = _endereco(sessao, cliente_id, d.endereco_novo) if d.endereco_novo else None
    if d.plano_novo:
        d.plano_novo.id = _plano(sessao, d.plano_novo)
    if d.contrato_novo is None:
        return Feito(cliente_id, endereco_id, d.contrato.id if d.contrato else None)
    onde = endereco_id if endereco_id or d.cliente is None or r.endereco is None else d.cliente.enderecos.get(r.endereco.chave)
    return Feito(cliente_id, endereco_id, _contrato(sessao, d, cliente_id, onde, hoje))


def _atualizar(sessao: Session, cliente_id: int, mudancas: dict[str, str]) -> None:
    if mudancas:
        cliente = travar_cliente(sessao, cliente_id)
        for campo, valor in mudancas.items():
            setattr(cliente, campo, valor)
        sessao.flush()


def _endereco(sessao: Session, cliente_id: int, lido: EnderecoLido) -> int:
    endereco = Endereco(
        cliente_id=cliente_id, tipo=TipoEndereco.instalacao, cep=lido.cep, logradouro=lido.logradouro, numero=lido.numero, complemento=lido.complemento,
        bairro=lido.bairro, municipio=lido.municipio, uf=lido.uf,
    )
    sessao.add(endereco)
    sessao.flush()
    return endereco.id


def _plano(sessao: Session, visto: PlanoVisto) -> int:
    baixa, sobe = valores.velocidades(visto.nome) or (1, 1)
    plano = Plano(nome=visto.nome, preco=visto.preco, download_mbps=baixa, upload_mbps=sobe)
    sessao.add(plano)
    sessao.flush()
    return plano.id


def _contrato(sessao: Session, d: Decisao, cliente_id: int, endereco_id: int | None, hoje: dt.date) -> int:
    lido = d.contrato_novo
    inicio = lido.ativacao or hoje
    contrato = ContratoService(sessao).criar_contrato(
        cliente_id, d.plano_id, data_inicio=inicio, endereco_instalacao_id=endereco_id, preco=d.preco, login_pppoe=lido.login, senha_pppoe=lido.senha,
    )
    sem_passado: dict[str, dt.date] = {}
    primeiro = cobrado_desde(lido, hoje)
    if primeiro != lido.ativacao:
        sem_passado = {"primeiro": primeiro, "faturar_desde": primeiro}
        contrato.data_renovacao = proxima_renovacao(inicio, hoje)
    FaturamentoService(sessao).ativar_contratos([Inicio(contrato.id, inicio, lido.dia, **sem_passado)])
    return contrato.id


def proxima_renovacao(inicio: dt.date, hoje: dt.date) -> dt.date:
    """The first anniversary of the contract after the import's day."""
    anos = max(1, hoje.year - inicio.year)
    renovacao = mais_meses(inicio, 12 * anos)
    return renovacao if renovacao > hoje else mais_meses(inicio, 12 * (anos + 1))
