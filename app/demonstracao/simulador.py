"""The story told day by day: customers arrive, are billed, pay or not, are blocked and released, some leave.

Every change goes through the same services as in real life, with the clock moved; only the mail never leaves: messages of the
demonstration are marked as sent in bulk, so that notices can justify blocks.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.clientes.models import Cliente, Endereco, StatusCliente, TipoEndereco, TipoPessoa
from app.contratos.services import ContratoService
from app.core import relogio
from app.core.erros import RegraViolada
from app.core.models import Empresa
from app.core.transacao import transacao
from app.demonstracao import comportamento as c
from app.demonstracao.pessoas import Pessoa, uma_pessoa
from app.extensions import db
from app.faturamento.estados import StatusInvoice, TipoLancamento
from app.faturamento.models import Invoice
from app.faturamento.services import FaturamentoService
from app.notificacoes.models import Notificacao, StatusNotificacao
from app.planos.models import Adicional, Plano
from app.rede.models import AcessoRede, Pop, Servidor

MANHA, NOITE = dt.time(9), dt.time(22)
ABERTAS = (StatusInvoice.emitida, StatusInvoice.vencida)


@dataclass
class Assinante:
    """What the story remembers of a customer."""

    cliente_id: int
    contrato_id: int
    pagador: c.Pagador
    desde: dt.date
    saiu: bool = False


@dataclass
class Historia:
    """State of the simulation."""

    sorteio: Random
    assinantes: dict[int, Assinante] = field(default_factory=dict)
    a_pagar: dict[dt.date, list[int]] = field(default_factory=lambda: defaultdict(list))
    planos: list[Plano] = field(default_factory=list)
    adicionais: list[Adicional] = field(default_factory=list)
    ultima_invoice: int = 0


class BaseOcupada(RegraViolada):
    """The base already has customers: a demonstration would mix with them."""

    codigo = "base_ocupada"


def simular(*, clientes: int, meses: int, seed: int, hoje: dt.date, avisar: Callable[[str], None] = lambda _t: None) -> dict[str, int]:
    """Fill an empty base with ``clientes`` customers and ``meses`` months of life, ending today. Raises BaseOcupada.

    The same arguments and day give the same data (secrets of PPPoE excepted). Returns counts.
    """
    with transacao() as sessao:
        _conferir_vazia(sessao)
    inicio = c.primeiro_dia(hoje, meses)
    historia = Historia(Random(seed))
    with relogio.mover_para(relogio.instante(inicio, dt.time(8))), transacao() as sessao:
        _preparar_provedor(sessao, historia)
    chegadas = c.chegadas(historia.sorteio, clientes, (hoje - inicio).days)
    for n in range((hoje - inicio).days + 1):
        dia = inicio + dt.timedelta(days=n)
        _um_dia(historia, dia, [i for i, quando in enumerate(chegadas) if quando == n], ultimo=dia == hoje)
        if dia.day == 1:
            avisar(f"{dia:%m/%Y}: {len(historia.assinantes)} assinantes, {historia.ultima_invoice} faturas")
    return _contar()


def _um_dia(historia: Historia, dia: dt.date, novos: list[int], *, ultimo: bool) -> None:
    with relogio.mover_para(relogio.instante(dia, MANHA)):
        _chegar(historia, novos, dia)
        FaturamentoService.rodar_do_dia(hoje=dia)
        _combinar_pagamentos(historia, dia)
        with transacao() as sessao:
            servico = FaturamentoService(sessao)
            servico.marcar_vencidas(hoje=dia)
            servico.enviar_lembrete_pagamento(hoje=dia)
            servico.avisar_vencidas(hoje=dia)
            _entregar_mensagens(sessao)
        _pagar(historia, dia)
        _desistir(historia, dia)
    if not ultimo:
        with relogio.mover_para(relogio.instante(dia, NOITE)):
            FaturamentoService.bloquear_do_dia(hoje=dia, confirmado=True)
            _assentar(dia)


# ---- the provider itself


def _conferir_vazia(sessao: Session) -> None:
    if sessao.scalar(select(Cliente.id).limit(1)) is not None:
        raise BaseOcupada("A base já tem clientes. A demonstração só é carregada em uma base vazia.")


def _preparar_provedor(sessao: Session, historia: Historia) -> None:
    if sessao.scalar(select(Empresa.id).limit(1)) is None:
        sessao.add(_empresa())
    for nome, baixa, sobe, preco, _peso in c.PLANOS:
        historia.planos.append(Plano(nome=nome, download_mbps=baixa, upload_mbps=sobe, preco=Decimal(preco), fidelidade_meses=12))
    historia.adicionais += [Adicional(nome=nome, preco=Decimal(preco)) for nome, preco in c.ADICIONAIS]
    pop = Pop(nome="POP Centro", municipio="Araraquara", uf="SP")
    sessao.add_all([*historia.planos, *historia.adicionais, pop])
    sessao.flush()
    sessao.add(Servidor(nome="Concentrador simulado", pop_id=pop.id, ip="192.0.2.1"))


def _empresa() -> Empresa:
    return Empresa(
        razao_social="Rede Ipê Telecomunicações Ltda", nome_fantasia="Rede Ipê", cnpj="11222333000181", email="financeiro@redeipe.exemplo.com.br",
        telefone="1633221000", cep="14801000", logradouro="Avenida das Fibras", numero="1000", bairro="Centro", municipio="Araraquara", uf="SP",
        chave_pix="financeiro@redeipe.exemplo.com.br",
    )


# ---- customers


def _chegar(historia: Historia, novos: list[int], dia: dt.date) -> None:
    if not novos:
        return
    with transacao() as sessao:
        for n in novos:
            _assinar(sessao, historia, uma_pessoa(historia.sorteio, n), dia)


def _assinar(sessao: Session, historia: Historia, pessoa: Pessoa, dia: dt.date) -> None:
    cliente, endereco = _cadastrar(sessao, pessoa)
    plano = historia.sorteio.choices(historia.planos, [p[4] for p in c.PLANOS])[0]
    com_desconto = historia.sorteio.random() < 0.22
    contrato = ContratoService(sessao).criar_contrato(
        cliente.id, plano.id, data_inicio=dia, endereco_instalacao_id=endereco.id, desconto=Decimal("20.00") if com_desconto else Decimal(0),
        desconto_ate=dia + dt.timedelta(days=90) if com_desconto else None, senha_pppoe=secrets.token_hex(5), itens=_adicionais(historia, dia),
    )
    FaturamentoService(sessao).ativar_contrato(contrato.id, em=dia, dia_vencimento=historia.sorteio.choice(c.DIAS))
    if historia.sorteio.random() < 0.3:
        FaturamentoService(sessao).lancar(
            cliente.id, tipo=TipoLancamento.acrescimo, descricao="Taxa de instalação", valor=Decimal("150.00"), parcelas=3, a_partir_de=dia
        )
    historia.assinantes[cliente.id] = Assinante(cliente.id, contrato.id, c.um_pagador(historia.sorteio), dia)


def _cadastrar(sessao: Session, pessoa: Pessoa) -> tuple[Cliente, Endereco]:
    cliente = Cliente(
        tipo_pessoa=TipoPessoa.PJ if pessoa.pj else TipoPessoa.PF, nome=pessoa.nome, nome_fantasia=pessoa.fantasia, cpf_cnpj=pessoa.documento,
        email=pessoa.email, telefone=pessoa.telefone, whatsapp=pessoa.telefone,
    )
    sessao.add(cliente)
    sessao.flush()
    endereco = Endereco(
        cliente_id=cliente.id, tipo=TipoEndereco.instalacao, cep=pessoa.cep, logradouro=pessoa.logradouro, numero=pessoa.numero, bairro=pessoa.bairro,
        municipio=pessoa.cidade.nome, uf=pessoa.cidade.uf, codigo_ibge=pessoa.cidade.ibge,
    )
    sessao.add(endereco)
    sessao.flush()
    return cliente, endereco


def _adicionais(historia: Historia, dia: dt.date) -> list[dict]:
    if historia.sorteio.random() > 0.25:
        return []
    escolhido = historia.sorteio.choice(historia.adicionais)
    return [{"adicional_id": escolhido.id, "quantidade": 1, "preco": escolhido.preco, "de": dia}]


def _desistir(historia: Historia, dia: dt.date) -> None:
    """Cancellations, looked at once a month for each customer, on the day of the month he came."""
    for assinante in list(historia.assinantes.values()):
        do_dia = assinante.desde.day == dia.day and (dia - assinante.desde).days > 60
        if do_dia and not assinante.saiu and historia.sorteio.random() < assinante.pagador.desistencia:
            assinante.saiu = True
            with transacao() as sessao:
                FaturamentoService(sessao).encerrar_contrato(assinante.contrato_id, em=dia, motivo="Mudou de endereço")


# ---- money


def _combinar_pagamentos(historia: Historia, dia: dt.date) -> None:
    """Decide when each newly issued invoice will be paid."""
    consulta = select(Invoice.id, Invoice.cliente_id, Invoice.data_vencimento).where(Invoice.id > historia.ultima_invoice).order_by(Invoice.id)
    with transacao() as sessao:
        novas = sessao.execute(consulta).all()
    for invoice_id, cliente_id, vencimento in novas:
        historia.ultima_invoice = max(historia.ultima_invoice, invoice_id)
        assinante = historia.assinantes[cliente_id]
        atraso = c.dias_ate_pagar(assinante.pagador, historia.sorteio, (dia - assinante.desde).days // 30)
        if atraso is not None:
            historia.a_pagar[max(dia + dt.timedelta(days=1), vencimento + dt.timedelta(days=atraso))].append(invoice_id)


def _pagar(historia: Historia, dia: dt.date) -> None:
    """Today's payments, a few hundred in each transaction: the services see one customer at a time all the same."""
    ids = historia.a_pagar.pop(dia, [])
    for inicio in range(0, len(ids), 200):
        with transacao() as sessao:
            servico = FaturamentoService(sessao)
            abertas = select(Invoice).where(Invoice.id.in_(ids[inicio:inicio + 200]), Invoice.status.in_(ABERTAS)).order_by(Invoice.cliente_id, Invoice.id)
            for invoice in sessao.scalars(abertas).all():
                devido = servico.valor_atualizado(invoice, dia)
                valor = devido.total if historia.sorteio.random() < 0.85 else devido.principal
                servico.registrar_pagamento(invoice.id, valor, c.um_metodo(historia.sorteio), em=dia, referencia=f"demo-{invoice.id}")


# ---- what workers would have done


def _entregar_mensagens(sessao: Session) -> None:
    sessao.execute(
        update(Notificacao).where(Notificacao.status == StatusNotificacao.pendente)
        .values(status=StatusNotificacao.enviada, enviada_em=relogio.agora(), message_id=None)
    )


def _assentar(dia: dt.date) -> None:
    """The network applied what was wanted; tasks of the story are done, so that no worker repeats them."""
    with transacao() as sessao:
        _entregar_mensagens(sessao)
        pendente = AcessoRede.versao != AcessoRede.versao_aplicada
        sessao.execute(update(AcessoRede).where(pendente).values(aplicado=AcessoRede.desejado, versao_aplicada=AcessoRede.versao, aplicado_em=relogio.agora()))
        sessao.execute(text("DELETE FROM tarefa WHERE estado IN ('pendente', 'publicada') AND agenda IS NULL"))


def _contar() -> dict[str, int]:
    with transacao() as sessao:
        _assentar_tudo(sessao)
        pares = {"clientes": Cliente, "faturas": Invoice, "mensagens": Notificacao}
        contagens = {nome: sessao.scalar(select(func.count()).select_from(modelo)) for nome, modelo in pares.items()}
        contagens["bloqueados"] = sessao.scalar(select(func.count()).where(Cliente.status == StatusCliente.bloqueado))
    db.session.remove()
    return contagens


def _assentar_tudo(sessao: Session) -> None:
    _entregar_mensagens(sessao)
    sessao.execute(text("DELETE FROM tarefa WHERE agenda IS NULL"))
    for tabela in ("cliente", "contrato", "invoice", "item_invoice", "pagamento", "evento", "notificacao"):
        sessao.execute(text(f"ANALYZE {tabela}"))


