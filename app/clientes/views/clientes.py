"""Customers: the list, the form, and the page that shows everything about one."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms.validators import DataRequired

from app.brasil.documentos import formatar_documento, formatar_telefone
from app.clientes import acessos, consentimentos, consultas
from app.clientes.models import Cliente, OQueViu
from app.clientes.services import ClienteService
from app.clientes.views import campos
from app.clientes.views.dados import visiveis
from app.core import registro, sigilo
from app.core.erros import ValorInvalido
from app.core.transacao import transacao
from app.core.visoes import FiltroVazio, VisaoBase, interface
from app.extensions import db

COLUNAS = ["nome", "nome_fantasia", "cpf_cnpj", "rg_ie", "data_nascimento", "email", "telefone", "whatsapp", "observacoes"]


class ClienteView(VisaoBase):
    """``/clientes``. Customers are never deleted; their status follows contracts and blocks."""

    datamodel = interface(Cliente, {"email": FiltroVazio})
    route_base = "/clientes"
    rotas_fechadas = frozenset({"download", "delete"})
    fonte = "cliente"
    list_title, show_title, add_title, edit_title = _l("Clientes"), _l("Cliente"), _l("Novo cliente"), _l("Editar cliente")
    list_columns = ["nome", "cpf_cnpj", "telefone", "email", "status"]
    show_columns = [*COLUNAS, "status", "created_at"]
    colunas_exportadas = ["nome", "nome_fantasia", "cpf_cnpj", "email", "telefone", "whatsapp", "status", "created_at"]
    add_columns = edit_columns = COLUNAS
    search_columns = ["nome", "cpf_cnpj", "email", "telefone", "tipo_pessoa", "status", "created_at"]
    order_columns = ["created_at", "status"]
    base_order = ("ordem", "asc")
    busca_rapida = "busca"
    label_columns = {
        "nome": _l("Nome ou razão social"), "nome_fantasia": _l("Nome fantasia"), "cpf_cnpj": _l("CPF/CNPJ"), "rg_ie": _l("RG ou inscrição estadual"),
        "data_nascimento": _l("Data de nascimento"), "email": _l("E-mail"), "telefone": _l("Telefone"), "whatsapp": _l("WhatsApp"), "status": _l("Status"),
        "observacoes": _l("Observações"), "tipo_pessoa": _l("Tipo"), "created_at": _l("Cliente desde"),
    }
    formatters_columns = {"cpf_cnpj": formatar_documento, **dict.fromkeys(("telefone", "whatsapp"), lambda v: formatar_telefone(v) if v else None)}
    validators_columns = {"nome": [DataRequired(_l("Informe o nome."))], "email": campos.EMAIL}
    add_form_extra_fields = edit_form_extra_fields = {
        "cpf_cnpj": campos.documento(), "telefone": campos.telefone(_l("Telefone")), "whatsapp": campos.telefone(_l("WhatsApp")),
    }
    texto_vazio = _l("Cadastre o primeiro cliente ou importe a sua planilha.")
    visoes = [
        (_l("Todos"), ""), (_l("Ativos"), "_flt_0_status=ativo"), (_l("Bloqueados"), "_flt_0_status=bloqueado"), (_l("Prospectos"), "_flt_0_status=prospecto"),
        (_l("Inativos"), "_flt_0_status=inativo"), (_l("Sem e-mail"), "_flt_7_email=sim"),
    ]

    def rotulo_da_opcao(self, item: Cliente) -> str:
        """Name and document, to tell namesakes apart."""
        return f"{item.nome} · {item.documento}"

    def pre_add(self, item: Cliente) -> None:
        """Registered by the service: document, kind of person, timeline."""
        ClienteService(db.session()).incluir(item)

    def post_add(self, item: Cliente) -> None:
        """Remembered for where to go next."""
        g.cliente_incluido = item.id

    def post_add_redirect(self) -> ResponseReturnValue:
        """The new customer's page, where his address and contract follow."""
        return redirect(url_for("ClienteView.show", pk=g.cliente_incluido)) if "cliente_incluido" in g else super().post_add_redirect()

    def pre_update(self, item: Cliente) -> None:
        """The kind of person follows the document."""
        ClienteService(db.session()).conferir_documento(item)

    @expose("/<int:pk>", methods=["GET"])
    @has_access
    def show(self, pk: int) -> ResponseReturnValue:
        """Everything about a customer on one page."""
        self.exigir(pk)
        self._anotar_acesso(pk)
        return self.pagina(pk)

    def pagina(self, pk: int, *, revelado: bool = False) -> ResponseReturnValue:
        """The page, with the data the person may see, or all of them once they were asked for."""
        cliente = self.exigir(pk)
        filtro = request.args.get("linha", "tudo")
        ve_dinheiro = self._pode("can_list", "InvoiceView")
        return self.render_template(
            "clientes/cliente.html", c=cliente, title=cliente.nome, filtro=filtro, ve_dinheiro=ve_dinheiro,
            linha=consultas.linha_do_tempo(db.session(), pk, filtro, com_dinheiro=ve_dinheiro),
            consentimentos=consultas.consentimentos_vigentes(db.session(), pk), blocos=self._blocos(pk), pode=self._pode,
            finalidade=consentimentos.rotulo, dados=visiveis(cliente, revelado=revelado), revela=sigilo.pode_revelar(),
        )

    @expose("/<int:pk>/anotar", methods=["POST"])
    @has_access
    def anotar(self, pk: int) -> ResponseReturnValue:
        """Write an internal note on the timeline."""
        self.exigir(pk)
        try:
            with transacao() as sessao:
                ClienteService(sessao).anotar(pk, request.form.get("texto", ""))
            flash(_("Anotação registrada."), "success")
        except ValorInvalido as erro:
            flash(str(erro), "warning")
        return redirect(url_for("ClienteView.show", pk=pk))

    def exigir(self, pk: int) -> Cliente:
        """The customer under the row rules, or 404."""
        return self.datamodel.get(pk, self._base_filters) or abort(404)

    def ao_exportar(self, sessao: Session) -> None:
        """One line in the log of personal data for the whole list."""
        acessos.registrar(sessao, None, OQueViu.exportacao)

    def _edit(self, pk: Any) -> dict | None:
        widgets = super()._edit(pk)
        self._anotar_acesso(int(pk))
        return widgets

    @staticmethod
    def _anotar_acesso(pk: int) -> None:
        if sigilo.pode("telefone"):      # whoever sees no more than masks saw nothing of note
            with transacao() as sessao:
                acessos.registrar(sessao, pk, OQueViu.pagina)

    def _pode(self, permissao: str, visao: str = "ClienteView") -> bool:
        return self.appbuilder.sm.has_access(permissao, visao)

    def _blocos(self, pk: int) -> dict[str, list[tuple[str, Any]]]:
        """place → [(template, data)] of the blocks the person may see."""
        lugares: dict[str, list[tuple[str, Any]]] = {}
        for bloco in registro.blocos_do_cliente():
            if current_app.appbuilder.sm.has_access("can_list", bloco.visao) and (dados := bloco.dados(pk)) is not None:
                lugares.setdefault(bloco.lugar, []).append((bloco.template, dados))
        return lugares
