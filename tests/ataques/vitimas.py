"""People with something of their own in every place where things are somebody's, each thing with a mark that nobody else may ever read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes.models import AcessoPortal
from app.core import arquivos, relogio
from app.core.models import FiltroSalvo
from app.faturamento.estados import Metodo, StatusPagamento
from app.faturamento.models import Pagamento
from app.notificacoes.models import Canal, Notificacao, StatusNotificacao
from app.privacidade.estados import TipoPedido
from app.privacidade.models import PedidoTitular
from app.usuarios.models import ChaveApi, DispositivoConfiavel, Perfil, SessaoUsuario
from tests import fabricas as f


@dataclass(frozen=True)
class Vitima:
    """``marca`` is in all that is his alone; ``ids``: kind → key of a row of his."""

    usuario: str
    papel: str
    marca: str
    ids: dict[str, int]


def uma_pessoa(s: Session, usuario: str, papel: str) -> Vitima:
    """Saved view, message in the bell, file, session, key and trusted device of somebody."""
    marca = f"MARCA-{usuario.upper()}-ZQ"
    quem = f.um_usuario(s, papel, usuario=usuario, first_name=marca)
    amanha = relogio.agora() + dt.timedelta(days=1)
    coisas: dict[str, Any] = {
        "filtro": FiltroSalvo(visao="ClienteView", nome=marca, consulta="q=x", usuario_id=quem.id),
        "aviso": Notificacao(chave=f"ataque:{quem.id}", evento="x", canal=Canal.interno, destinatario=usuario, assunto=marca, corpo=marca,
                             usuario_id=quem.id, status=StatusNotificacao.enviada, enviada_em=relogio.agora()),
        "sessao": SessaoUsuario(usuario_id=quem.id, resumo=f"{usuario}-sessao", expira_em=amanha, agente=marca),
        "aparelho": DispositivoConfiavel(usuario_id=quem.id, resumo=f"{usuario}-aparelho", nome=marca, expira_em=amanha),
        "chave": ChaveApi(nome=marca, usuario_id=quem.id, prefixo="x", resumo=f"{usuario}-chave", escopos=["cliente:ler"]),
    }
    ids = {nome: f.gravar(s, coisa).id for nome, coisa in coisas.items()}
    f.gravar(s, Perfil(usuario_id=quem.id))
    return Vitima(usuario, papel, marca, {**ids, "usuario": quem.id, "arquivo": _dados_de_alguem(s, usuario, marca)})


def _dados_de_alguem(s: Session, usuario: str, marca: str, cliente_id: int | None = None) -> int:
    """The key of a file with the personal data of a customer, as he asked for it: of no technician and of no other customer."""
    cliente_id = cliente_id or f.um_cliente(s).id
    pedido = f.gravar(s, PedidoTitular(protocolo=f"T-{usuario}-{cliente_id}"[:20], cliente_id=cliente_id, tipo=TipoPedido.exportacao,
                                       pedido_em=relogio.agora(), prazo=relogio.hoje()))
    return arquivos.guardar(s, f"{marca}.txt", "text/plain", marca.encode(), dono=("pedido_titular", pedido.id)).id


def um_assinante(s: Session, usuario: str) -> Vitima:
    """A customer of the portal: name, contract, open and paid invoices and a receipt besides."""
    quem = uma_pessoa(s, usuario, "Cliente")
    cliente = f.um_cliente(s, nome=f"{quem.marca} Souza", email=f"{quem.marca.lower()}@exemplo.com.br")
    contrato = f.um_contrato(s, cliente_id=cliente.id, plano_id=f.um_plano(s, nome=f"Plano {quem.marca}").id)
    invoice = f.uma_invoice(s, contrato=contrato, vencimento=relogio.hoje() + dt.timedelta(days=9))
    pagamento = f.gravar(s, Pagamento(
        invoice_id=invoice.id, data_pagamento=relogio.hoje(), valor=invoice.valor_total, valor_principal=invoice.valor_total, metodo=Metodo.pix,
        numero_referencia=f"ref-{usuario}", gateway="manual", status=StatusPagamento.confirmado))
    f.gravar(s, AcessoPortal(usuario_id=quem.ids["usuario"], cliente_id=cliente.id))
    dele = {"cliente": cliente.id, "contrato": contrato.id, "invoice": invoice.id, "pagamento": pagamento.id,
            "arquivo": _dados_de_alguem(s, usuario, quem.marca, cliente.id)}
    return Vitima(usuario, "Cliente", quem.marca, {**quem.ids, **dele})


def coisas_de(s: Session, vitima: Vitima) -> list[Any]:
    """What an attack might change of the victim's."""
    u = vitima.ids["usuario"]
    consultas = (
        select(FiltroSalvo.nome, FiltroSalvo.consulta).where(FiltroSalvo.usuario_id == u), select(Notificacao.lida_em, Notificacao.status).where(
            Notificacao.usuario_id == u), select(SessaoUsuario.encerrada_em).where(SessaoUsuario.id == vitima.ids["sessao"]),
        select(ChaveApi.revogada_em, ChaveApi.nome).where(ChaveApi.usuario_id == u),
        select(DispositivoConfiavel.nome).where(DispositivoConfiavel.usuario_id == u),
        select(Perfil.foto_id, Perfil.tema, Perfil.totp_desde).where(Perfil.usuario_id == u),
        select(AcessoPortal.cliente_id).where(AcessoPortal.usuario_id == u),
    )
    return [sorted(map(str, s.execute(c).all())) for c in consultas]
