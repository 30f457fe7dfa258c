"""What the network must be for each contract and what it is known to be; and the outages that pause blocking."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import action, expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_appbuilder.widgets import ShowWidget
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from app.core import relogio
from app.core.formatos import texto
from app.core.registro import BlocoCliente
from app.core.visoes import CampoInstante, FiltroVazio, Interface, VisaoBase, VisaoSomenteLeitura, interface
from app.core.visoes.campos import EntradaInstante, Selecao
from app.extensions import db
from app.rede import consultas
from app.rede.models import AcessoRede, Incidente, Servidor
from app.rede.regras import exigir_area
from app.rede.services import RedeService
from app.rede.views.comuns import BuscaPorContrato, FiltroPendente

EVENTOS_MOSTRADOS = 30
MAXIMO_POR_VEZ, NOMES_MOSTRADOS = 500, 5


class AcessoWidget(ShowWidget):
    """The access, and below it what was done to the network."""

    template = "rede/_acesso.html"


class MudarServidorForm(FlaskForm):
    """Which server."""

    servidor_id = SelectField(_l("Servidor"), [InputRequired(_l("Escolha o servidor."))], coerce=int, widget=Selecao())


class AcessoRedeView(BuscaPorContrato, VisaoSomenteLeitura):
    """``/rede/acessos``."""

    datamodel = interface(AcessoRede, {"versao": FiltroPendente, "erro": FiltroVazio, "servidor": FiltroVazio}, carregar=("contrato.cliente", "servidor"))
    route_base = "/rede/acessos"
    list_title, show_title = _l("Acessos"), _l("Acesso")
    subtitulo = _l("Como deve estar a conexão de cada contrato, e como ela está na rede.")
    show_widget = AcessoWidget
    list_columns = ["contrato", "contrato.cliente", "login", "servidor", "desejado", "esta", "aplicado_em", "erro"]
    show_columns = [
        "contrato", "contrato.cliente", "login", "grupo", "servidor", "desejado", "esta", "mudou_em", "aplicado_em", "tentativas", "proxima", "erro",
    ]
    search_columns = ["contrato", "login", "grupo", "servidor", "desejado", "aplicado", "erro", "versao", "aplicado_em"]
    order_columns = []
    colunas_exportadas = ["contrato", "contrato.cliente", "login", "grupo", "servidor", "desejado", "esta", "mudou_em", "aplicado_em", "erro"]
    remotos = {"contrato": "contrato"}
    label_columns = {
        "contrato": _l("Contrato"), "contrato.cliente": _l("Cliente"), "login": _l("Login"), "grupo": _l("Perfil"), "servidor": _l("Servidor"),
        "desejado": _l("Deve estar"), "aplicado": _l("Está"), "esta": _l("Está"),
        "mudou_em": _l("Mudou em"), "aplicado_em": _l("Aplicado em"), "tentativas": _l("Tentativas"),
        "proxima": _l("Próxima tentativa"), "erro": _l("Último erro"), "versao": _l("Versão"),
    }
    visoes = [
        (_l("Todos"), ""), (_l("Pendentes"), "_flt_7_versao=sim"), (_l("Sem servidor"), "_flt_2_servidor=sim"), (_l("Bloqueados"), "_flt_0_desejado=bloqueado"),
        (_l("Velocidade reduzida"), "_flt_0_desejado=reduzido"), (_l("Suspensos"), "_flt_0_desejado=suspenso"),
    ]

    @expose("/servidor", methods=["GET", "POST"])
    @has_access
    @permission_name("mudar_servidor")
    def servidor(self) -> ResponseReturnValue:
        """Choose the server of the accesses ``?ids=1,2``."""
        ids = [int(i) for i in request.args.get("ids", "").split(",") if i.isdigit() and len(i) < 19][:MAXIMO_POR_VEZ]
        acessos = db.session.scalars(select(AcessoRede).where(AcessoRede.id.in_(ids)).order_by(AcessoRede.id)).all() or abort(404)
        form = MudarServidorForm()
        servidores = db.session.scalars(select(Servidor).where(Servidor.ativo).order_by(Servidor.ordem)).all()
        form.servidor_id.choices = [(s.id, f"{s.nome} · {s.pop}" if s.pop else s.nome) for s in servidores]
        if form.validate_on_submit():
            self.executar(RedeService.mudar_servidor, acessos, servidor_id=form.servidor_id.data, em=relogio.agora())
            return redirect(url_for("AcessoRedeView.show", pk=ids[0]) if len(acessos) == 1 else url_for("AcessoRedeView.list"))
        quais = ", ".join(str(a) for a in acessos[:NOMES_MOSTRADOS]) + (", …" if len(acessos) > NOMES_MOSTRADOS else "")
        return self.render_template(
            "crm/formulario.html", form=form, titulo=_("Mudar servidor"), subtitulo=quais, trilha=[(_("Acessos"), url_for("AcessoRedeView.list"))],
            voltar=url_for("AcessoRedeView.list"))

    @action("mudar_servidor", _l("Mudar servidor"), None, "server-2")
    def mudar_servidor(self, itens: Any) -> ResponseReturnValue:
        """Go and choose the server of the marked accesses."""
        ids = ",".join(str(i.id) for i in (itens if isinstance(itens, list) else [itens]))
        return redirect(url_for("AcessoRedeView.servidor", ids=ids))

    def _get_show_widget(self, pk: Any, item: Any, widgets: Any = None, actions: Any = None, show_fieldsets: Any = None) -> dict:
        widgets = super()._get_show_widget(pk, item, widgets, actions, show_fieldsets)
        widgets["show"].template_args["eventos"] = consultas.eventos_do_contrato(db.session(), item.contrato_id, EVENTOS_MOSTRADOS)
        return widgets

    @action("reaplicar", _l("Aplicar de novo"), _l("Mandar de novo à rede o estado dos acessos marcados?"), "refresh")
    def reaplicar(self, itens: Any) -> ResponseReturnValue:
        """Send the desired state to the network again."""
        return self.executar(RedeService.reaplicar, itens, em=relogio.agora())


class IncidenteView(VisaoBase):
    """``/rede/incidentes``."""

    datamodel = Interface(Incidente, carregar=("pop", "servidor"))
    route_base = "/rede/incidentes"
    servico = RedeService
    list_title, show_title, add_title, edit_title = _l("Incidentes"), _l("Incidente"), _l("Novo incidente"), _l("Editar incidente")
    subtitulo = _l("Enquanto um incidente está aberto, ninguém da área é bloqueado por atraso.")
    list_columns = ["titulo", "momento", "area", "inicio", "previsao", "fim"]
    colunas_exportadas = ["titulo", "momento", "pop", "servidor", "municipio", "bairro", "inicio", "previsao", "fim"]
    add_columns = edit_columns = ["titulo", "descricao", "pop", "servidor", "municipio", "bairro", "inicio", "previsao"]
    show_columns = ["titulo", "descricao", "momento", "pop", "servidor", "municipio", "bairro", "inicio", "previsao", "fim", "updated_at"]
    search_columns = ["titulo", "situacao", "pop", "servidor", "municipio", "bairro", "inicio", "fim"]
    order_columns = ["titulo", "inicio", "previsao", "fim"]
    label_columns = {
        "titulo": _l("Título"), "descricao": _l("Descrição"), "situacao": _l("Status"), "momento": _l("Status"), "area": _l("Área"),
        "pop": _l("POP"), "servidor": _l("Servidor"),
        "municipio": _l("Município"), "bairro": _l("Bairro"), "inicio": _l("Início"), "previsao": _l("Previsão de volta"), "fim": _l("Fim"),
        "updated_at": _l("Alterado em"),
    }
    description_columns = {
        "bairro": _l("Em branco, o município inteiro."), "inicio": _l("Em branco, agora."),
        "pop": _l("A área atingida: informe o POP, o servidor ou o município."),
    }
    add_form_extra_fields = edit_form_extra_fields = {
        "inicio": CampoInstante(label_columns["inicio"], [Optional()], description=description_columns["inicio"], widget=EntradaInstante()),
    }
    formatters_columns = {"titulo": texto}
    visoes = [(_l("Todos"), ""), (_l("Abertos"), "_flt_0_situacao=aberto"), (_l("Encerrados"), "_flt_0_situacao=encerrado")]
    acoes_valem = {"encerrar": lambda incidente: incidente.fim is None}

    def pre_add(self, item: Incidente) -> None:
        """An outage has an area and a beginning."""
        exigir_area(item)
        item.inicio = item.inicio or relogio.agora()

    pre_update = pre_add

    @action("encerrar", _l("Encerrar"), _l("Encerrar os incidentes marcados?"), "check")
    def encerrar(self, itens: Any) -> ResponseReturnValue:
        """The outage is over."""
        return self.executar(RedeService.encerrar_incidente, itens, em=relogio.agora())


def _do_cliente(cliente_id: int) -> dict[str, Any] | None:
    acessos = consultas.acessos_do_cliente(db.session(), cliente_id)
    return {"acessos": acessos} if acessos else None


BLOCO = BlocoCliente("lateral", "AcessoRedeView", "rede/_bloco_cliente.html", _do_cliente)
