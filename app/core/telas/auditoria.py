"""The audit trail, read only: who did what to which record, with before and after side by side."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import foreign, relationship
from wtforms import SelectField

from app.core.auditoria.politica import auditada
from app.core.models import UserAuditLog
from app.core.visoes import Interface, VisaoSomenteLeitura
from app.core.visoes.trilha import ACOES, SEM_TELA, em_texto, endereco_de, mudancas_de, rotulo_da_acao, rotulo_do_recurso
from app.extensions import db

__all__ = ["ACOES", "SEM_TELA", "AuditoriaView", "rotulo_da_acao", "rotulo_do_recurso"]

UserAuditLog.pessoa = relationship(User, primaryjoin=foreign(UserAuditLog.user_id) == User.id, viewonly=True)
UserAuditLog.antes_em_texto = lambda linha: em_texto(linha, "antes")
UserAuditLog.depois_em_texto = lambda linha: em_texto(linha, "depois")


def _acoes() -> list[tuple[str, str]]:
    return sorted(((acao, rotulo_da_acao(acao)) for acao in ACOES), key=lambda par: par[1].casefold())


def _recursos() -> list[tuple[str, str]]:
    mapeadas = {m.local_table.name for m in db.Model.registry.mappers}
    tabelas = [t for t in mapeadas if auditada(t)] + ["notificacao", "tarefa", "estado_agenda"]
    return sorted(((t, rotulo_do_recurso(t)) for t in tabelas), key=lambda par: par[1].casefold())


class AuditoriaView(VisaoSomenteLeitura):
    """``/auditoria``."""

    datamodel = Interface(UserAuditLog, carregar=("pessoa",))
    route_base = "/auditoria"
    com_historico = False
    list_title, show_title = _l("Auditoria"), _l("Registro de auditoria")
    list_columns = ["timestamp", "pessoa", "action", "resource", "resource_id", "ip_address"]
    show_columns = [*list_columns, "user_agent", "rota", "request_id", "execucao_id", "como_cliente_id"]
    colunas_exportadas = [*list_columns, "rota", "request_id", "execucao_id", "como_cliente_id", "antes_em_texto", "depois_em_texto"]
    search_columns = ["timestamp", "pessoa", "action", "resource", "resource_id", "ip_address", "rota", "request_id", "execucao_id", "como_cliente_id"]
    search_form_extra_fields = {
        "action": SelectField(_l("O que fez"), choices=_acoes, validate_choice=False),
        "resource": SelectField(_l("Onde"), choices=_recursos, validate_choice=False),
    }
    order_columns = []
    base_order = ("id", "desc")
    remotos = {"pessoa": "usuario"}
    visoes = (
        (_l("Tudo"), ""), (_l("Alterações"), "_flt_1_action=alterar"), (_l("Exclusões"), "_flt_1_action=excluir"), (_l("Entradas"), "_flt_1_action=entrada"),
        (_l("Senhas erradas"), "_flt_1_action=falha_entrada"), (_l("Exportações"), "_flt_1_action=exportar"),
        (_l("Permissões"), "_flt_1_action=permissao"),
    )
    label_columns = {
        "timestamp": _l("Quando"), "pessoa": _l("Quem"), "action": _l("O que fez"), "resource": _l("Onde"), "resource_id": _l("Registro"),
        "ip_address": _l("Endereço IP"), "user_agent": _l("Navegador"), "execucao_id": _l("Execução"), "rota": _l("Rota"), "request_id": _l("Pedido"),
        "como_cliente_id": _l("Vendo como o cliente"), "antes_em_texto": _l("Antes"), "depois_em_texto": _l("Depois"),
    }
    subtitulo = _l("Cada alteração de cada registro, com o antes e o depois. Nada aqui pode ser mudado ou apagado.")

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"action": rotulo_da_acao, "resource": rotulo_do_recurso, "pessoa": lambda pessoa: pessoa or _("Sistema")}

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: Any) -> ResponseReturnValue:
        """The row, what changed, and where to go from it."""
        widgets = self._show(pk)
        linha = self.datamodel.get(pk, self._base_filters)
        return self.render_template(
            "core/auditoria.html", pk=pk, title=self.show_title, widgets=widgets, mudancas=mudancas_de(linha), ligacoes=self._ligacoes(linha), related_views=[])

    def _ligacoes(self, linha: UserAuditLog) -> list[tuple[str, str]]:
        """(words, address) of the record, the person, and the other rows of the same record, request and run."""
        achadas = [(_("Abrir o registro"), endereco_de(linha.resource, linha.resource_id))]
        achadas += [(_("Abrir o usuário"), endereco_de("ab_user", str(linha.user_id)) if linha.user_id else None)]
        if linha.resource_id:
            achadas.append((_("Tudo deste registro"), self._filtrada(resource=linha.resource, resource_id=linha.resource_id)))
        for coluna, texto in (("request_id", _("Tudo do mesmo pedido (%(n)s)")), ("execucao_id", _("Tudo da mesma execução (%(n)s)"))):
            if (valor := getattr(linha, coluna)) is not None:
                irmas = self.datamodel.session.scalar(select(func.count()).where(getattr(UserAuditLog, coluna) == valor))
                achadas.append((texto % {"n": irmas}, self._filtrada(**{coluna: valor})))
        return [(texto, url) for texto, url in achadas if url]

    def _filtrada(self, **valores: Any) -> str:
        """The list with these columns equal to these values."""
        numeros = {"execucao_id": 0}      # of a number the first condition is equality, of a text the second
        return url_for(f"{self.endpoint}.list", **{f"_flt_{numeros.get(c, 1)}_{c}": v for c, v in valores.items()})
