"""A customer with a row in every table that can hold his data."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.clientes import consentimentos
from app.clientes.models import AcessoDadoPessoal, CanalContato, Cliente, Contato, OQueViu
from app.clientes.services import ClienteService
from app.contratos.estados import StatusContrato
from app.contratos.models import ContratoItem, SuspensaoVoluntaria
from app.core import arquivos, relogio
from app.core.execucao import rodar
from app.core.models import Anexo
from app.extensions import db
from app.faturamento.estados import Metodo, StatusInvoice, TipoLancamento
from app.faturamento.models import Cobranca, Credito, DesbloqueioConfianca, Lancamento, Pagamento
from app.integracoes.models import Importacao, ImportacaoLinha
from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, OptOut, ResultadoTentativa
from app.planos.models import Adicional
from app.portal.services import PortalService
from app.rede.models import EventoRede
from app.usuarios.models import CodigoConfirmacao, Concessao, DispositivoConfiavel, SessaoUsuario
from tests import fabricas as f

CPF, FONE, CORREIO, NOME = "52998224725", "19987654321", "titular.segredo@exemplo.com.br", "Titular de Souza"
MARCAS = (CPF, FONE, CORREIO, NOME, "Rua do Titular", "Escreveu da casa da filha", "Celular do titular", "203.0.113.77")


def um_titular(s: Session, *, fim: dt.date = dt.date(2026, 3, 31)) -> int:
    """Everything there can be; the contract ended on ``fim`` and nothing is owed."""
    cliente = f.um_cliente(s, nome=NOME, cpf_cnpj=CPF, telefone=FONE, whatsapp=FONE, email=CORREIO, rg_ie="MG-12.345.678",
                           data_nascimento=dt.date(1979, 3, 7), observacoes=f"Avisar {CORREIO}")
    endereco = cliente.enderecos[0]
    endereco.logradouro, endereco.latitude, endereco.longitude = "Rua do Titular", Decimal("-22.9"), Decimal("-47.0")
    s.add(Contato(cliente_id=cliente.id, nome="Filha", email=CORREIO, telefone=FONE))
    contrato = f.um_contrato(s, cliente_id=cliente.id, endereco_instalacao_id=endereco.id, senha_pppoe="segredo-do-modem", termo=f"Contrato de {NOME}, {CPF}")
    adicional = f.gravar(s, Adicional(nome="IP fixo", preco=Decimal("10.00")))
    s.add(ContratoItem(contrato_id=contrato.id, adicional_id=adicional.id, preco=Decimal("10.00"), de=f.INICIO))
    s.add(SuspensaoVoluntaria(contrato_id=contrato.id, de=f.INICIO, volta=f.INICIO))
    contrato.status, contrato.data_fim = StatusContrato.cancelado, fim
    invoice = f.uma_invoice(s, contrato=contrato, vencimento=dt.date(2026, 3, 10), pagador_endereco="Rua do Titular, 1", observacoes=f"De {NOME}")
    invoice.status, invoice.valor_pago, invoice.data_pagamento = StatusInvoice.paga, invoice.valor_total, dt.date(2026, 3, 10)
    pago = {"data_pagamento": dt.date(2026, 3, 10), "valor": invoice.valor_total, "valor_principal": invoice.valor_total, "metodo": Metodo.dinheiro}
    s.add(Pagamento(invoice_id=invoice.id, numero_referencia="titular-1", observacoes=f"Trazido por {NOME}", **pago))
    s.add(Cobranca(invoice_id=invoice.id, gateway="falso", valor=invoice.valor_total, chave_idempotencia="titular-1", url=f"https://pix/{CPF}"))
    s.add(Lancamento(cliente_id=cliente.id, tipo=TipoLancamento.acrescimo, descricao="Visita", valor=Decimal("1.00"), a_partir_de=f.INICIO,
                     status="faturado", invoice_id=invoice.id, motivo=f"Pedido de {NOME}"))
    s.add(Credito(cliente_id=cliente.id, valor=Decimal("5.00"), saldo=Decimal("0.00"), motivo=f"Devolvido a {NOME}"))
    s.add(DesbloqueioConfianca(contrato_id=contrato.id, invoice_id=invoice.id, de=relogio.agora(), ate=relogio.agora() + dt.timedelta(days=1), origem="equipe"))
    s.add(Bloqueio(contrato_id=contrato.id, motivo=MotivoBloqueio.manual, aviso_destinatario=CORREIO, explicacao=f"Avisado em {FONE}", fim=relogio.agora()))
    s.add(EventoRede(contrato_id=contrato.id, acao="aplicar", ok=True, detalhe=contrato.login_pppoe))
    _conversas(s, cliente.id)
    conta, _senha = PortalService(s).dar_acesso(cliente.id)
    amanha = relogio.agora() + dt.timedelta(days=1)
    s.add(SessaoUsuario(usuario_id=conta.id, resumo="sessao-do-titular", expira_em=amanha, ip="203.0.113.77", agente="Celular do titular"))
    s.add(DispositivoConfiavel(usuario_id=conta.id, resumo="celular-do-titular", nome="Celular do titular", expira_em=amanha))
    s.add(CodigoConfirmacao(finalidade="cadastro", alvo=f"cliente:{cliente.id}", destino=CORREIO, resumo="x", expira_em=amanha))
    s.flush()
    return cliente.id


def _conversas(s: Session, cliente_id: int) -> None:
    aviso = {"chave": "titular-1", "evento": "invoice_vencida", "canal": Canal.email, "destinatario": CORREIO, "cliente_id": cliente_id}
    mensagem = f.gravar(s, Notificacao(**aviso, assunto=NOME, corpo=f"<p>{NOME}, {CPF}</p>", dados={"nome": NOME}))
    tentativa = {"canal": Canal.email, "por": "smtp", "resultado": ResultadoTentativa.enviada, "resposta": f"250 <{CORREIO}> ok"}
    s.add(EnvioMensagem(notificacao_id=mensagem.id, **tentativa))
    s.add(OptOut(canal=Canal.sms, destinatario=FONE, motivo="pediu"))
    consentimentos.registrar(s, cliente_id, CanalContato.email, "marketing", concedido=True, origem="loja")
    ClienteService(s).anotar(cliente_id, "Escreveu da casa da filha")
    importacao = f.gravar(s, Importacao(nome="x.csv", formato="CSV"))
    s.add(ImportacaoLinha(importacao_id=importacao.id, numero=2, dados=f'[null, "{NOME}", "{CPF}"]', cliente_id=cliente_id, detalhe=f"Cliente {NOME}"))
    foto = arquivos.guardar(s, "casa.jpg", "image/jpeg", b"casa", dono=("cliente", cliente_id))
    s.add(Anexo(tabela="cliente", registro_id=cliente_id, arquivo_id=foto.id))
    s.add(Concessao(usuario_id=1, cliente_id=cliente_id, tipo="credito", valor=Decimal("5.00")))
    s.add(AcessoDadoPessoal(cliente_id=cliente_id, usuario_id=f.um_usuario(s, "Atendente").id, hora=relogio.agora(), o_que=OQueViu.pagina))


def correr(tarefa_id: int) -> str:
    """Run a task as a worker does."""
    try:
        return rodar(tarefa_id)
    finally:
        db.session.remove()


def a_pessoa(s: Session, cliente_id: int) -> Cliente:
    """The customer, read again."""
    return s.get_one(Cliente, cliente_id, populate_existing=True)
