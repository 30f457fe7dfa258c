"""Actions on rows: POST only, under the row rules, one service call per row, and a clear account of what happened."""
from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose, has_access
from flask_appbuilder.actions import ActionItem
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import sigilo
from app.core.erros import DominioError, ValorInvalido
from app.core.transacao import transacao
from app.core.visoes.erros_banco import traduzir
from app.core.visoes.volta import destino

LINHAS_POR_VEZ = 500
ERROS_MOSTRADOS = 5
MOTIVO_MAXIMO = 500


class AcoesDaCasa:
    """Part of VisaoBase. ``acoes_com_motivo`` names actions whose confirmation asks for a reason (read with ``self.motivo()``).

    ``acoes_valem`` says, by action, for which records it can be done: the record page offers no other (the service refuses it anyway).
    """

    acoes_com_motivo: set[str] | frozenset[str] = frozenset()
    acoes_valem: Mapping[str, Callable[[Any], bool]] = {}
    servico: type | None = None

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: Any) -> ResponseReturnValue:
        """An action of the record page; 404 when the row does not exist or is not the person's."""
        acao = self._exigir_acao(name, "single")
        item = self.datamodel.get(self._deserialize_pk_if_composite(pk), self._base_filters)
        return self._responder(acao.func(item if item is not None else abort(404)))

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> ResponseReturnValue:
        """An action on the rows marked in the list; rows the person may not see are left out, and said so."""
        acao = self._exigir_acao(request.form.get("action", ""), "multiple")
        if vistos := request.form.get("todos", type=int):
            return self._em_todos(acao, vistos)
        chaves = list(dict.fromkeys(request.form.getlist("rowid")))
        if len(chaves) > LINHAS_POR_VEZ:
            flash(_("Escolha no máximo %(n)d linhas por vez.", n=LINHAS_POR_VEZ), "warning")
            return self._voltar()
        itens = self.datamodel.varios(chaves, self._base_filters)
        if not itens:
            abort(404)
        if faltam := len(chaves) - len(itens):
            flash(ngettext("%(num)d registro não está mais disponível.", "%(num)d registros não estão mais disponíveis.", faltam), "warning")
        return self._responder(acao.func(itens))

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: Any) -> ResponseReturnValue:
        """Away with a row; an address that somebody opens deletes nothing and is no page."""
        return super().delete(pk)

    def _em_todos(self, acao: ActionItem, vistos: int) -> ResponseReturnValue:
        """An action on every row of the address's filters and search; refused when they are no longer the ``vistos`` rows the person saw."""
        itens = self.todos_do_filtro(LINHAS_POR_VEZ + 1)
        if len(itens) > LINHAS_POR_VEZ:
            flash(_("Escolha no máximo %(n)d linhas por vez.", n=LINHAS_POR_VEZ), "warning")
        elif len(itens) != vistos:
            flash(_("A lista mudou: eram %(antes)d registros e agora são %(agora)d. Confira e repita.", antes=vistos, agora=len(itens)), "warning")
        else:
            return self._responder(acao.func(itens))
        return self._voltar()

    def acoes_possiveis(self, item: Any) -> dict[str, ActionItem]:
        """The actions the record's state allows."""
        return {nome: acao for nome, acao in self.actions.items() if nome not in self.acoes_valem or self.acoes_valem[nome](item)}

    def _exigir_acao(self, nome: str, onde: str) -> ActionItem:
        acao = self.actions.get(nome)
        if acao is None or not getattr(acao, onde):
            abort(404)
        if not self.appbuilder.sm.has_access(self.get_action_permission_name(nome), self.class_permission_name):
            abort(403 if current_user.is_authenticated else 401)
        return acao

    def _responder(self, resposta: Any) -> ResponseReturnValue:
        return self._voltar() if resposta is None else resposta

    def _voltar(self) -> ResponseReturnValue:
        return redirect(destino())

    def motivo(self) -> str:
        """The reason typed in the confirmation. Raises ``ValorInvalido`` when it is missing."""
        texto = request.form.get("motivo", "").replace("\0", "").strip()[:MOTIVO_MAXIMO]
        if not texto:
            raise ValorInvalido(_("Informe o motivo."), campo="motivo")
        return texto

    def executar(self, metodo: Callable[..., Any], itens: Any, *, servico: type | None = None, **fatos: Any) -> ResponseReturnValue:
        """Call ``metodo(item.id, **fatos)`` once per row, each in its own transaction, and go back to the list.

        ``metodo`` is a service's method (``FaturamentoService.cancelar``; the class comes from ``servico``, from the view's
        ``servico`` or from the method's own name) or a plain function ``f(sessao, id, **fatos)``. What a row refuses is shown
        and the others go on.
        """
        chamar = self._chamador(metodo, servico or self.servico)
        feitos, erros = 0, []
        for chave, nome in [(i.id, str(i)) for i in (itens if isinstance(itens, (list, tuple)) else [itens])]:
            erro = self._um(chamar, chave, fatos)
            feitos += erro is None
            erros += [sigilo.no_texto(f"{nome}: {erro}")] if erro else []
        self._contar(feitos, erros)
        return self._voltar()

    @staticmethod
    def _chamador(metodo: Callable[..., Any], servico: type | None) -> Callable[..., Any]:
        classe = metodo.__qualname__.rpartition(".")[0]
        if not classe or "<locals>" in metodo.__qualname__:
            return metodo
        dona = servico or getattr(sys.modules[metodo.__module__], classe)
        return lambda sessao, chave, **fatos: getattr(dona(sessao), metodo.__name__)(chave, **fatos)

    def _um(self, chamar: Callable[..., Any], chave: int, fatos: dict) -> str | None:
        try:
            with transacao() as sessao:
                _chamar_e_gravar(chamar, sessao, chave, fatos)
        except DominioError as erro:
            return str(erro)
        except SQLAlchemyError as erro:
            return str(traduzir(erro, self.datamodel.obj.metadata))
        return None

    def _contar(self, feitos: int, erros: list[str]) -> None:
        if feitos:
            flash(ngettext("Feito em %(num)d registro.", "Feito em %(num)d registros.", feitos), "success")
        for erro in erros[:ERROS_MOSTRADOS]:
            flash(erro, "danger")
        if (mais := len(erros) - ERROS_MOSTRADOS) > 0:
            flash(ngettext("E mais %(num)d registro recusado.", "E mais %(num)d registros recusados.", mais), "danger")


def _chamar_e_gravar(chamar: Callable[..., Any], sessao: Session, chave: int, fatos: dict) -> None:
    chamar(sessao, chave, **fatos)
    sessao.flush()
