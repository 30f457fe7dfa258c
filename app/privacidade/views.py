"""Requests of data subjects on screen: the list with its deadlines, a request with its receipts, and one customer's page of privacy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import AppBuilder, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes import acessos, consentimentos
from app.clientes.models import AcessoPortal, CanalContato, Cliente, OQueViu
from app.core import arquivos, auditoria, confirmacao, registro, relogio, sigilo
from app.core.erros import DominioError
from app.core.models import Tarefa
from app.core.permissoes import dar
from app.core.telas.auditoria import rotulo_do_recurso
from app.core.transacao import transacao
from app.core.visoes import Interface, VisaoSomenteLeitura
from app.extensions import db
from app.privacidade.anonimizacao import AnonimizacaoService, previsao
from app.privacidade.estados import SituacaoPedido, TipoPedido
from app.privacidade.models import PedidoTitular
from app.privacidade.regras import FUNDAMENTOS, ClasseDado
from app.privacidade.services import PedidoService
from app.usuarios import consultas as usuarios

VISAO = "PedidoTitularView"
dar("Gerente", VISAO, "can_.*")
dar("Atendente", VISAO, "can_(list|show|registrar|consentir)")
for _papel in ("Gerente", "Atendente"):
    dar(_papel, "Privacidade", "menu_access")


class PedidoTitularView(VisaoSomenteLeitura):
    """``/privacidade``."""

    datamodel = Interface(PedidoTitular, carregar=("cliente",))
    route_base = "/privacidade"
    list_title, show_title = _l("Pedidos sobre dados pessoais"), _l("Pedido sobre dados pessoais")
    subtitulo = _l("A LGPD dá 15 dias para a resposta completa.")
    list_columns = ["protocolo", "cliente", "tipo", "pedido_em", "prazo", "andamento", "situacao", "feito_em"]
    show_columns = [*list_columns, "motivo", "resposta"]
    search_columns = ["protocolo", "cliente", "tipo", "situacao", "pedido_em", "prazo"]
    order_columns = []
    base_order = ("id", "desc")
    add_columns = edit_columns = ["motivo"]      # never shown; the default would be every property
    remotos = {"cliente": "cliente"}
    visoes = ((_l("Todos"), ""), (_l("Abertos"), "_flt_0_situacao=aberto"), (_l("Em guarda legal"), "_flt_0_situacao=aguardando_prazo"))
    texto_vazio = _l("Um pedido é registrado na página do cliente, no botão Privacidade.")
    label_columns = {
        "protocolo": _l("Protocolo"), "cliente": _l("Cliente"), "tipo": _l("Pedido"), "pedido_em": _l("Pedido em"), "prazo": _l("Responder até"),
        "andamento": _l("Andamento"), "situacao": _l("Situação"), "feito_em": _l("Feito em"), "motivo": _l("Palavras do cliente"), "resposta": _l("Resposta"),
    }

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> ResponseReturnValue:
        """The request with its receipts and what may be done about it."""
        pedido = self._pedido(pk)
        impedimentos, retencoes = previsao(db.session(), pedido.cliente_id, relogio.hoje()) if pedido.tipo is TipoPedido.anonimizacao else ([], [])
        tarefa = db.session.get(Tarefa, pedido.tarefa_id) if pedido.tarefa_id and pedido.situacao is SituacaoPedido.em_andamento else None
        return self.render_template(
            "privacidade/pedido.html", p=pedido, title=pedido.protocolo, impedimentos=impedimentos, retencoes=retencoes, fundamentos=FUNDAMENTOS,
            hoje=relogio.hoje(), tarefa=tarefa, classes=ClasseDado, rotulo_da_tabela=rotulo_do_recurso, pode=self._pode, baixa=_pode_ler(pedido.id))

    @expose("/cliente/<int:pk>", methods=["GET"])
    @has_access
    @permission_name("list")
    def titular(self, pk: int) -> ResponseReturnValue:
        """Requests and consents of one customer, and the buttons that register new ones."""
        cliente = self._cliente(pk)
        pedidos = db.session.scalars(select(PedidoTitular).where(PedidoTitular.cliente_id == pk).order_by(PedidoTitular.id.desc())).all()
        return self.render_template(
            "privacidade/titular.html", c=cliente, title=_("Privacidade: %(cliente)s", cliente=cliente.nome), pedidos=pedidos, tipos=TipoPedido,
            quadro=consentimentos.quadro(db.session(), pk), historico=consentimentos.historico(db.session(), pk), pode=self._pode,
            finalidades=consentimentos.FINALIDADES, rotulo=consentimentos.rotulo)

    @expose("/cliente/<int:pk>/registrar", methods=["POST"])
    @has_access
    @permission_name("registrar")
    def registrar(self, pk: int) -> ResponseReturnValue:
        """Write a request down; 400 for a kind there is not."""
        self._cliente(pk)
        tipo = TipoPedido.__members__.get(request.form.get("tipo", "")) or abort(400)
        with transacao() as sessao:
            pedido_id = PedidoService(sessao).registrar(pk, tipo, motivo=request.form.get("motivo", "")).id
        return redirect(url_for("PedidoTitularView.show", pk=pedido_id))

    @expose("/cliente/<int:pk>/consentir", methods=["POST"])
    @has_access
    @permission_name("consentir")
    def consentir(self, pk: int) -> ResponseReturnValue:
        """Write a yes or no down."""
        self._cliente(pk)
        canal = CanalContato.__members__.get(request.form.get("canal", "")) or abort(400)
        concedido = request.form.get("concedido") == "sim"
        origem = request.form.get("motivo", "").replace("\0", "")
        self._tentar(
            lambda sessao: consentimentos.registrar(
                sessao, pk, canal, request.form.get("finalidade", ""), concedido=concedido, origem=origem, evidencia=origem),
            _("Consentimento registrado.") if concedido else _("Retirada registrada."))
        return redirect(url_for("PedidoTitularView.titular", pk=pk))

    @expose("/<int:pk>/anonimizar", methods=["POST"])
    @has_access
    @permission_name("anonimizar")
    def anonimizar(self, pk: int) -> ResponseReturnValue:
        """Confirm an anonymisation, by who has just proved who it is; what stands against it is said."""
        self._pedido(str(pk))
        confirmacao.exigir()
        self._tentar(lambda sessao: AnonimizacaoService(sessao).confirmar(pk), _("Anonimização começada."))
        return redirect(url_for("PedidoTitularView.show", pk=pk))

    @expose("/<int:pk>/responder", methods=["POST"])
    @has_access
    @permission_name("responder")
    def responder(self, pk: int) -> ResponseReturnValue:
        """Close a request by the answer that was given."""
        self._pedido(str(pk))
        aceito = request.form.get("aceito") == "sim"
        self._tentar(lambda sessao: PedidoService(sessao).responder(pk, request.form.get("motivo", ""), aceito=aceito), _("Resposta registrada."))
        return redirect(url_for("PedidoTitularView.show", pk=pk))

    @expose("/<int:pk>/baixar")
    @has_access
    @permission_name("baixar")
    def baixar(self, pk: int) -> ResponseReturnValue:
        """The file, while it is kept, to who has just proved who it is."""
        arquivo_id = self._pedido(str(pk)).arquivo_id or abort(404)
        confirmacao.exigir()
        return redirect(url_for("arquivo", arquivo_id=arquivo_id))

    # ---- pieces

    def _pedido(self, pk: str) -> PedidoTitular:
        return self.datamodel.get(pk, self._base_filters) or abort(404)

    @staticmethod
    def _cliente(pk: int) -> Cliente:
        return db.session.get(Cliente, pk) or abort(404)

    def _pode(self, permissao: str, visao: str = VISAO) -> bool:
        return self.appbuilder.sm.has_access(permissao, visao)

    @staticmethod
    def _tentar(fazer: Callable[[Session], Any], feito: str) -> None:
        try:
            with transacao() as sessao:
                fazer(sessao)
            flash(feito, "success")
        except DominioError as erro:
            flash(str(erro), "danger")


def _pode_ler(pedido_id: int) -> bool:
    """Who may have the file: whoever answers requests and may see personal data, or the customer himself in the portal."""
    if usuarios.e_cliente(g.user):
        dele = select(AcessoPortal.id).join(PedidoTitular, PedidoTitular.cliente_id == AcessoPortal.cliente_id)
        return db.session.scalar(dele.where(PedidoTitular.id == pedido_id, AcessoPortal.usuario_id == g.user.id)) is not None
    return sigilo.pode("documento") and current_app.appbuilder.sm.has_access("can_baixar", VISAO)


def _ler_arquivo(pedido_id: int) -> bool:
    """The rule of the file, which is asked when it is about to be sent: the staff prove again who they are, and who takes it is noted."""
    if not _pode_ler(pedido_id):
        return False
    if not usuarios.e_cliente(g.user):
        confirmacao.exigir()
    with transacao() as sessao:
        cliente_id = sessao.scalar(select(PedidoTitular.cliente_id).where(PedidoTitular.id == pedido_id))
        acessos.registrar(sessao, cliente_id, OQueViu.titular)
        auditoria.registrar(sessao, "baixar_dados", "pedido_titular", pedido_id)
    return True


def registrar(appbuilder: AppBuilder) -> None:
    """Register the screen, its link on the customer's page and the rule of its files."""
    appbuilder.add_view(
        PedidoTitularView, "Privacidade", label=_l("Pedidos sobre dados pessoais"), icon="shield-lock", category="Clientes", category_label=_l("Clientes"))
    registro.bloco_do_cliente(registro.BlocoCliente("menu", VISAO, "privacidade/_bloco_cliente.html", lambda cliente_id: {"cliente_id": cliente_id}))
    arquivos.regra_de_leitura("pedido_titular", _ler_arquivo)
