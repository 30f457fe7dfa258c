"""Every template of the house has a cause, in one table, and the cause really makes the message."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from flask_appbuilder.security.sqla.models import Role
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.clientes.models import AcessoPortal, Cliente
from app.core import agenda, eventos, relogio, tarefas
from app.core.erros import RegraViolada
from app.core.execucao import posse
from app.core.models import Evento, Tarefa
from app.core.transacao import transacao
from app.faturamento.estados import Metodo
from app.faturamento.models import Invoice
from app.faturamento.services import FaturamentoService
from app.notificacoes import ambiente, teste_de_canal
from app.notificacoes.canais import enviada
from app.notificacoes.eventos_da_casa import MODELOS, ORIGENS
from app.notificacoes.modelos_prontos import PRONTOS
from app.notificacoes.models import TELEFONES, Canal, ModeloMensagem, Notificacao
from app.notificacoes.regras import EVENTOS
from app.notificacoes.services import CanalService, _anotar_teste, _mensagem_de_teste
from app.portal.cadastro import CadastroService
from app.portal.services import PortalService
from app.rede import aplicacao
from app.rede.controladores import FalhaRede
from app.usuarios.codigos import CodigoService
from app.usuarios.convites import ConviteService
from app.usuarios.models import SessaoUsuario
from app.usuarios.recuperacao import RecuperacaoService, avisar_troca
from app.usuarios.services.sessoes import resumir
from jobs.acesso import avisar_acessos_novos
from jobs.notificacoes import avisar_tarefa_parada
from tests import fabricas as f
from tests.faturamento.test_ciclo_de_vida import avisado, em, faturado
from tests.notificacoes.apoio import despachar
from tests.notificacoes.servidor_smtp import Caixa

NOTICIA, NOITE = dt.date(2026, 2, 11), dt.date(2026, 2, 25)


def _bloqueado(s: Session):
    servico, invoice = faturado(s)
    with em(NOTICIA):
        avisado(s, servico, NOTICIA)
    with em(NOITE):
        assert servico.bloquear_clientes_vencidos(hoje=NOITE) == 1
    return servico, invoice


def _pago(s: Session):
    servico, invoice = _bloqueado(s)
    with em(NOITE):
        servico.registrar_pagamento(invoice.id, Decimal("110"), Metodo.pix, em=NOITE, referencia="e2e")
    return servico, invoice


def _lembrado(s: Session) -> None:
    servico, _invoice = faturado(s)
    with em(dt.date(2026, 2, 7)):
        servico.enviar_lembrete_pagamento(hoje=dt.date(2026, 2, 7))


def _parada(s: Session) -> None:
    f.um_usuario(s, "Admin")
    numero = tarefas.agendar(s, "marcar_invoices_vencidas")
    tarefa = posse.reivindicar(s, numero, None)
    posse.falhar(s, tarefa, RegraViolada("assim não"), 8)
    aviso = s.scalars(select(Tarefa).where(Tarefa.nome == "avisar_tarefa_parada")).one()
    avisar_tarefa_parada(s, **aviso.argumentos)


def _parado(canal: Canal) -> Callable[[Session], None]:
    def fazer(s: Session) -> None:
        f.um_usuario(s, "Admin")
        CanalService(s).parar(canal, "535 senha", em=relogio.agora())

    return fazer


def _canais_testados(s: Session) -> None:
    for canal in TELEFONES:
        teste_de_canal._anotar(s, canal, teste_de_canal._mensagem(s, canal, "11994029275", ambiente.ler(s).comuns), enviada("200"), "http")


def _recusado(s: Session) -> None:
    f.um_usuario(s, "Admin")
    BloqueioService(s).bloquear(f.um_contrato(s).id, MotivoBloqueio.manual, em=relogio.agora())
    (pedido,) = aplicacao.reservar(s)
    aplicacao.anotar(s, pedido, {a.acesso_id: FalhaRede("perfil inexistente", temporaria=False) for a in pedido.alvos})


def _testado(s: Session) -> None:
    f.uma_empresa(s)
    _anotar_teste(s, _mensagem_de_teste(s, ambiente.ler(s), "eu@exemplo.com.br"))


def _recuperada(s: Session) -> None:
    RecuperacaoService(s).enviar(f.um_usuario(s, "Gerente").id)
    for canal in TELEFONES:
        pronto = next(p for p in PRONTOS.values() if p.canal is canal)
        CanalService(s).configurar_provedor(canal, replace(pronto.provedor, segredo="chave"))
    for contato in ({"whatsapp": "11994029275"}, {"telefone": "11994029275"}):      # who has no address on file
        cliente = f.um_cliente(s, **{"email": None, "whatsapp": None, "telefone": None, **contato})
        conta = f.um_usuario(s, "Cliente", email=f"{cliente.cpf_cnpj}@portal.invalid")
        f.gravar(s, AcessoPortal(usuario_id=conta.id, cliente_id=cliente.id))
        RecuperacaoService(s).enviar(conta.id)


def _convidada(s: Session) -> None:
    papel = s.scalars(select(Role).where(Role.name == "Atendente")).one()
    ConviteService(s).convidar(email="bia@exemplo.com.br", nome="Bia", sobrenome="Reis", papeis=[papel])


def _confirmado(s: Session) -> None:
    for canal, para in _DESTINOS:
        CodigoService(s).enviar("teste", f"cliente:{canal.name}", canal=canal, destino=para)


def _ja_cadastrado(s: Session) -> None:
    cliente = f.um_cliente(s, email="maria@exemplo.com.br", telefone="11994029275", whatsapp="11994029275")
    f.um_contrato(s, cliente=cliente)
    PortalService(s).dar_acesso(cliente.id)
    for canal, _para in _DESTINOS:
        CadastroService(s).enviar_codigo(cliente.id, canal=canal.name)


def _trocada(s: Session) -> None:
    avisar_troca(s, f.um_usuario(s, "Gerente"))


def _por_outro_aparelho(s: Session) -> None:
    pessoa = f.um_usuario(s, "Gerente").id
    for agente in ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0"):
        f.gravar(s, SessaoUsuario(usuario_id=pessoa, resumo=resumir(agente), expira_em=relogio.agora() + dt.timedelta(hours=1), agente=agente))
    assert avisar_acessos_novos(s) == {"avisos": 1} and avisar_acessos_novos(s) == {"avisos": 0}


_DESTINOS = ((Canal.email, "maria@exemplo.com.br"), (Canal.whatsapp, "11994029275"), (Canal.sms, "11994029275"))
FAZER: dict[str, Callable[[Session], object]] = {
    "fatura_emitida": faturado, "lembrete_vencimento": _lembrado, "aviso_vencida": _bloqueado, "pagamento_recebido": _pago, "cliente_bloqueado": _bloqueado,
    "cliente_liberado": _pago, "tarefa_parada": _parada, "email_parado": _parado(Canal.email), "whatsapp_parado": _parado(Canal.whatsapp),
    "sms_parado": _parado(Canal.sms), "teste_canal": _canais_testados, "acesso_recusado": _recusado, "teste_smtp": _testado,
    "recuperar_senha": _recuperada, "portal_ja_existe": _ja_cadastrado, "convite_equipe": _convidada, "codigo_confirmacao": _confirmado,
    "senha_trocada": _trocada, "acesso_novo": _por_outro_aparelho,
}


def test_no_template_is_an_orphan_and_no_cause_is_without_its_text(sessao) -> None:
    assert sorted((o.mensagem, o.canal.name) for o in ORIGENS) == sorted((evento, canal.name) for evento, canal, _assunto, _corpo in MODELOS)
    assert {o.mensagem for o in ORIGENS} == set(EVENTOS) == set(FAZER)
    assert {o.nome for o in ORIGENS if o.causa == "fato"} <= set(eventos.tipos())
    assert {o.nome for o in ORIGENS if o.causa == "agenda"} <= set(agenda.tabela())


@pytest.mark.parametrize("mensagem", FAZER)
def test_the_cause_makes_the_message_on_every_channel_whose_text_is_on(sessao, monkeypatch, mensagem: str) -> None:
    sessao.execute(update(ModeloMensagem).values(ativo=True))
    monkeypatch.setattr(f, "um_cliente", partial(f.um_cliente, whatsapp="19987654321"))
    FAZER[mensagem](sessao)
    origens = [o for o in ORIGENS if o.mensagem == mensagem]
    origem = origens[0]
    assert set(sessao.scalars(select(Notificacao.canal).where(Notificacao.evento == origem.mensagem))) == {o.canal for o in origens}
    if origem.causa == "fato":
        assert sessao.scalars(select(Evento.tipo).where(Evento.tipo == origem.nome)).all() == [origem.nome]


def _mensagens(s: Session, evento: str) -> list[Notificacao]:
    return list(s.scalars(select(Notificacao).where(Notificacao.evento == evento).order_by(Notificacao.id)))


def test_who_is_released_is_told_once(sessao) -> None:
    servico, invoice = _pago(sessao)
    assert servico.reavaliar_bloqueio(invoice.cliente_id, em=NOITE) == 0
    (mensagem,) = _mensagens(sessao, "cliente_liberado")
    assert mensagem.destinatario == sessao.get(Cliente, invoice.cliente_id).email


def test_who_stays_blocked_for_another_reason_is_not_told_that_he_is_free(sessao) -> None:
    servico, invoice = _bloqueado(sessao)
    BloqueioService(sessao).bloquear(invoice.itens[0].contrato_id, MotivoBloqueio.seguranca, em=relogio.agora())
    with em(NOITE):
        servico.registrar_pagamento(invoice.id, Decimal("110"), Metodo.pix, em=NOITE, referencia="e2e")
    assert _mensagens(sessao, "cliente_liberado") == []
    assert sessao.scalar(select(Evento.id).where(Evento.tipo == "cliente_liberado")) is None


def test_two_contracts_blocked_in_one_night_are_one_message(sessao) -> None:
    cliente = f.um_cliente(sessao)
    servico, _invoice = faturado(sessao, cliente_id=cliente.id)
    f.um_contrato(sessao, cliente_id=cliente.id, faturar=False)
    with em(NOTICIA):
        avisado(sessao, servico, NOTICIA)
    with em(NOITE):
        assert servico.bloquear_clientes_vencidos(hoje=NOITE) == 2
        assert len(_mensagens(sessao, "cliente_bloqueado")) == 1
        servico.registrar_pagamento(sessao.scalar(select(Invoice.id)), Decimal("110"), Metodo.pix, em=NOITE, referencia="e2e")
    assert len(_mensagens(sessao, "cliente_liberado")) == 1


def test_who_has_no_address_is_released_in_silence(sessao) -> None:
    servico, invoice = _bloqueado(sessao)
    invoice.cliente.email = None
    with em(NOITE):
        servico.registrar_pagamento(invoice.id, Decimal("110"), Metodo.pix, em=NOITE, referencia="e2e")
    assert _mensagens(sessao, "cliente_liberado") == [] and sessao.scalar(select(Evento.id).where(Evento.tipo == "cliente_liberado"))


@pytest.mark.parametrize(("evento", "dia", "passo"), [
    ("lembrete_vencimento", dt.date(2026, 2, 7), FaturamentoService.enviar_lembrete_pagamento),
    ("aviso_vencida", NOTICIA, FaturamentoService.avisar_vencidas),
])
def test_the_reminder_and_the_notice_arrive_with_the_invoice(app, caixa: Caixa, monkeypatch, evento: str, dia: dt.date, passo: Callable[..., int]) -> None:
    """Its own PDF, drawn when the message leaves."""
    monkeypatch.setitem(app.config, "SMTP_URL", caixa.url)
    with app.app_context(), em(dia):
        with transacao() as s:
            f.uma_invoice(s)      # another customer's
            servico, invoice = faturado(s)
            numero, nome = invoice.numero_formatado, invoice.pagador_nome
            passo(servico, hoje=dia)
        assert despachar() == "feita"
        with transacao() as s:
            nossa = s.scalars(select(Notificacao.message_id).where(Notificacao.evento == evento, Notificacao.invoice_id == invoice.id)).one()
    (carta,) = [m for m in caixa.mensagens if m["Message-ID"] == nossa]
    (anexo,) = carta.iter_attachments()
    assert (anexo.get_content_type(), anexo.get_filename()) == ("application/pdf", f"fatura-{numero}.pdf")
    impresso = PdfReader(io.BytesIO(anexo.get_content())).pages[0].extract_text()
    assert numero in impresso and nome in impresso
