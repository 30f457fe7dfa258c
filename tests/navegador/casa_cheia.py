"""A provider with something on every screen: the demonstration, and what a demonstration does not have (refusals, failures, an outage, an import)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask import Flask, Response, abort
from flask_appbuilder.security.sqla.models import Group, Role
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.clientes.models import AcessoDadoPessoal, AcessoPortal, CanalContato, Cliente, Consentimento, Contato, OQueViu, StatusCliente
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoItem
from app.core import arquivos, relogio
from app.core.models import EstadoTarefa, Feriado, Tarefa
from app.core.transacao import transacao
from app.demonstracao.simulador import simular
from app.extensions import db
from app.faturamento.estados import StatusExecucao, StatusInvoice, TipoLancamento
from app.faturamento.models import CicloFaturamento, ClienteEstacionado, Credito, ExecucaoFaturamento, Invoice, LoteFaturamento
from app.faturamento.services import FaturamentoService
from app.integracoes.services import ImportacaoService
from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, OptOut, ResultadoTentativa, StatusNotificacao
from app.privacidade.estados import TipoPedido
from app.privacidade.services import PedidoService
from app.rede.models import Incidente, Pop
from app.usuarios.models import ChaveApi, Perfil, SessaoUsuario
from app.usuarios.services import FatorService
from tests import fabricas as f
from tests.conftest import copiar_banco, desligar, fazer_app
from tests.integracoes import arquivos as a

CHEFE, TECNICO, ASSINANTE, NOVATO = "chefe", "tecnico", "assinante", "novato"
NOME_COMPRIDO = "Associação dos Produtores Rurais e Moradores do Assentamento Nossa Senhora da Conceição Aparecida do Norte Ltda"
CLIENTES, MESES = 30, 2
_DEFEITUOSA = """<!doctype html><html lang="pt-BR"><head><title>Defeituosa</title><script src="/static/crm/tema.js"></script></head><body>
<main><h1>Defeituosa</h1><p id="some">Some no escuro</p><img src="/static/crm/icone.svg" width="3000" height="9"><p title="Add Filter">Not a valid choice</p>
<img alt="" src="http://outro.exemplo/x.png"><script>alert(1)</script><script src="/defeituosa.js"></script></main></body></html>"""
_SCRIPT = """const some = () => { document.getElementById("some").style.color = document.documentElement.dataset.bsTheme === "dark" ? "#ddd" : "#000"; };
addEventListener("tema", some); throw new Error("defeito");"""
Ids = dict[str, Any]


@contextmanager
def aberta(servidores: Any, url_modelo: str, nome: str = "passeio") -> Iterator[tuple[Flask, Ids]]:
    """The application, with error pages as in production, on a full database of its own; and the rows worth looking at, by screen."""
    app = fazer_app(copiar_banco(servidores, url_modelo, nome), servidores.redis_url, TESTING=False)
    _com_paginas_que_quebram(app)
    with app.app_context():
        ids = _montar()
        db.session.remove()
    yield app, ids
    desligar(app)


def _com_paginas_que_quebram(app: Flask) -> None:
    """Refusals no page of ours gives by itself when asked nicely."""
    app.add_url_rule("/quebrada/<int:codigo>", "quebrada", lambda codigo: abort(codigo))
    app.add_url_rule("/quebrada", "inesperada", lambda: {}["nada"])
    app.add_url_rule("/defeituosa", "defeituosa", lambda: _DEFEITUOSA)
    app.add_url_rule("/defeituosa.js", "defeituosa_js", lambda: Response(_SCRIPT, mimetype="text/javascript"))


def _montar() -> Ids:
    simular(clientes=CLIENTES, meses=MESES, seed=1, hoje=relogio.hoje())
    with transacao() as s:
        ids: Ids = {}
        for parte in (_cliente_cheio, _pessoas, _rede_e_bloqueio, _devedor, _dinheiro, _mensagens, _maquinas, _importacoes):
            ids |= parte(s)
        return ids


def _cliente_cheio(s: Session) -> Ids:
    """The customer with most to show gets a long name, people, consents and a credit."""
    mais_faturas = select(Invoice.cliente_id).group_by(Invoice.cliente_id).order_by(func.count().desc(), Invoice.cliente_id).limit(1)
    cliente = s.get(Cliente, s.scalar(mais_faturas))
    cliente.nome = NOME_COMPRIDO
    pessoa = {"nome": "Maria da Penha dos Santos", "papel": "Financeiro", "email": "penha@exemplo.com.br", "telefone": "16999990000"}
    contato = f.gravar(s, Contato(cliente_id=cliente.id, **pessoa))
    sim = {"concedido": True, "em": relogio.agora(), "canal": CanalContato.email}
    s.add(Consentimento(cliente_id=cliente.id, finalidade="cobranca", origem="contrato", **sim))
    credito = f.gravar(s, Credito(cliente_id=cliente.id, valor=Decimal("50.00"), saldo=Decimal("12.34"), motivo="Pagamento a maior da fatura 12"))
    s.add(AcessoDadoPessoal(cliente_id=cliente.id, usuario_id=1, hora=relogio.agora(), o_que=OQueViu.pagina, rota=f"/clientes/{cliente.id}"))
    pedido = PedidoService(s).registrar(cliente.id, TipoPedido.anonimizacao, motivo="Pediu por telefone para não receber mais nada")
    contrato = s.scalar(select(Contrato.id).where(Contrato.cliente_id == cliente.id))
    com_item = s.scalar(select(ContratoItem.contrato_id).order_by(ContratoItem.id))
    return {"ClienteView": cliente.id, "ContatoView": contato.id, "contrato": contrato, "ContratoView": com_item or contrato, "CreditoView": credito.id,
            "PedidoTitularView": pedido.id}


def _pessoas(s: Session) -> Ids:
    s.add(Group(name="suporte", label="Suporte", description="Quem atende à noite"))
    for papel, usuario in (("Admin", CHEFE), ("Tecnico", TECNICO), ("Cliente", ASSINANTE), ("Atendente", NOVATO)):
        quem = f.um_usuario(s, papel, usuario=usuario, first_name="Ana Carolina", last_name="de Souza Brandão")
        if usuario == ASSINANTE:
            devedor = s.scalar(select(Invoice.cliente_id).where(Invoice.status.in_(("emitida", "vencida"))).order_by(Invoice.id))
            s.add(AcessoPortal(usuario_id=quem.id, cliente_id=devedor))
        if usuario == CHEFE:
            s.flush()
            s.add(SessaoUsuario(usuario_id=quem.id, resumo="1" * 64, expira_em=relogio.agora() + dt.timedelta(hours=12), agente="Mozilla/5.0 Chrome/1 Windows"))
            s.add(ChaveApi(nome="ERP contábil", usuario_id=quem.id, prefixo="crm_1a2b3c4d", resumo="0" * 64, escopos=["cliente:ler", "invoice:ler"]))
            FatorService(s).confiar(quem.id, nome="Chrome no Windows", ip="203.0.113.7")
        if usuario == NOVATO:
            s.add(Perfil(usuario_id=quem.id, trocar_senha=True))
    return {"PapelView": s.scalar(select(Role.id).where(Role.name == "Atendente"))}


def _rede_e_bloqueio(s: Session) -> Ids:
    ativos = s.scalars(select(Contrato).where(Contrato.status == StatusContrato.ativo).order_by(Contrato.id.desc()).limit(2)).all()
    bloqueio = BloqueioService(s).bloquear(ativos[0].id, MotivoBloqueio.manual, em=relogio.agora(), explicacao="uso indevido do equipamento")
    pop = s.scalar(select(Pop.id))
    s.add(Incidente(titulo="Fibra rompida na Avenida das Fibras", municipio="Araraquara", bairro="Centro", inicio=relogio.agora(), pop_id=pop))
    return {"BloqueioView": bloqueio.id, "contrato_livre": ativos[1].id}


def _devedor(s: Session) -> Ids:
    """Somebody the preview of tonight's blocking names: told in time, and still owing."""
    hoje, agora = relogio.hoje(), relogio.agora()
    contrato = f.um_contrato(s, cliente_id=f.um_cliente(s, nome="Terezinha Aparecida de Jesus", status=StatusCliente.ativo).id)
    fatura = f.uma_invoice(s, contrato=contrato, vencimento=hoje - dt.timedelta(days=40), status=StatusInvoice.vencida)
    avisada = {"status": StatusNotificacao.enviada, "quando": agora, "enviada_em": agora - dt.timedelta(days=30)}
    aviso = f.gravar(s, Notificacao(
        chave="aviso do passeio", evento="aviso_vencida", canal=Canal.email, destinatario="terezinha@exemplo.com.br", cliente_id=contrato.cliente_id,
        invoice_id=fatura.id, **avisada,
    ))
    s.add(EnvioMensagem(notificacao_id=aviso.id, canal=Canal.email, por="smtp", resultado=ResultadoTentativa.enviada))
    return {}


def _dinheiro(s: Session) -> Ids:
    hoje, agora = relogio.hoje(), relogio.agora()
    feita = {"status": StatusExecucao.concluida, "iniciada_em": agora, "terminada_em": agora, "origem": "tela"}
    execucao = f.gravar(s, ExecucaoFaturamento(referencia=hoje, esperado=12, valor_esperado=Decimal("1198.80"), **feita))
    s.add(LoteFaturamento(execucao_id=execucao.id, invoices=11, sem_valor=1, valor=Decimal("1098.90"), duracao_ms=40))
    ciclo = s.scalars(select(CicloFaturamento).where(CicloFaturamento.estacionado_em.is_(None)).order_by(CicloFaturamento.id).limit(1)).one()
    motivo = "O contrato 2026-00007 não tem endereço de instalação nem de cobrança."
    parado = {"execucao_id": execucao.id, "ciclo_faturamento_id": ciclo.id, "cliente_id": ciclo.cliente_id, "vencimento": hoje}
    s.add(ClienteEstacionado(**parado, motivo=motivo))
    s.add(Feriado(data=hoje + dt.timedelta(days=40), nome="Aniversário da cidade"))
    for cliente_id in s.scalars(select(CicloFaturamento.cliente_id).where(CicloFaturamento.ativo).distinct()).all():      # invoices of several lines
        for descricao in ("Taxa de instalação", "Roteador Wi-Fi", "Visita técnica"):
            FaturamentoService(s).lancar(cliente_id, tipo=TipoLancamento.acrescimo, descricao=descricao, valor=Decimal("50.00"), a_partir_de=hoje)
    aberta_ = s.scalar(select(Invoice.id).where(Invoice.status.in_(("emitida", "vencida"))).order_by(Invoice.id))
    return {"execucao": execucao.id, "InvoiceView": aberta_, "daqui_a_dias": (hoje + dt.timedelta(days=20)).isoformat()}


def _mensagens(s: Session) -> Ids:
    quem = {"destinatario": "maria@exemplo.com.br", "cliente_id": s.scalar(select(Cliente.id)), "quando": relogio.agora()}
    falhou = f.gravar(s, Notificacao(
        chave="passeio", evento="lembrete_vencimento", canal=Canal.email, status=StatusNotificacao.falha, erro="550 5.1.1 caixa postal inexistente",
        dados={"nome": "Maria"}, **quem,
    ))
    tentativa = {"por": "smtp", "resultado": ResultadoTentativa.permanente, "resposta": "550 5.1.1 caixa postal inexistente"}
    s.add(EnvioMensagem(notificacao_id=falhou.id, canal=Canal.email, **tentativa))
    s.add(OptOut(canal=Canal.email, destinatario="x@exemplo.com.br", motivo="Pediu por telefone"))
    return {"NotificacaoView": falhou.id}


def _maquinas(s: Session) -> Ids:
    agora = relogio.agora()
    morta = f.gravar(s, Tarefa(
        nome="aplicar_rede", argumentos={"acesso_id": 1}, estado=EstadoTarefa.morta, tentativas=8, erro="ConnectionRefusedError: [Errno 111]",
        iniciada_em=agora, terminada_em=agora,
    ))
    s.add(Tarefa(nome="avisar_vencidas", agenda="avisar_vencidas", referencia=relogio.hoje(), estado=EstadoTarefa.feita, iniciada_em=agora, terminada_em=agora))
    arquivo = arquivos.guardar(s, "contrato social da associação.pdf", "application/pdf", b"%PDF-1.4\n", dono=("empresa", 1))
    return {"TarefaView": morta.id, "arquivo": arquivo.id}


def _importacoes(s: Session) -> Ids:
    linhas = [a.linha(n) for n in range(1, 12)] + [a.linha(81, **{"CPF/CNPJ": "111.111.111-11"}), a.linha(82, Valor="abc", Telefone="3200-1000")]
    servico, dados = ImportacaoService(s), a.csv(*linhas, codificacao="cp1252")
    recebida, conferida = servico.receber("clientes do sistema antigo.csv", dados), servico.receber("conferida.csv", dados)
    list(servico.conferir(conferida.id))
    return {"recebida": recebida.id, "conferida": conferida.id}
