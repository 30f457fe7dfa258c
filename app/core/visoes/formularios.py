"""Forms of the generated screens: built with our fields, saved in one transaction, never losing what was typed."""
from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import abort, flash, request
from flask_appbuilder.forms import GeneralModelConverter
from flask_appbuilder.urltools import get_filter_args, get_order_args, get_page_args, get_page_size_args
from flask_appbuilder.validators import Unique
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, Enum, False_, TextClause, True_
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm import Query
from wtforms import Field, Form, validators

from app.core import sigilo
from app.core.erros import Conflito, DominioError, NaoEncontrado
from app.core.formatos import datahora_br
from app.core.modelos import retrato, versao_de
from app.core.transacao import transacao
from app.core.uma_vez import feito, impressao, nova_chave, uma_vez
from app.core.visoes.campos import CampoDecimal, CampoDinheiro, CampoEnum, EntradaNumero
from app.core.visoes.erros_banco import ErroDeBanco, traduzir
from app.core.visoes.relacoes import CampoRemoto, CampoSelecao, SelecaoMultipla

log = logging.getLogger(__name__)

CAMPO_VERSAO, CAMPO_CHAVE = "versao_registro", "chave_do_formulario"


class Unico(Unique):
    """The framework's, in our words (its own message is looked for in WTForms' catalogue), and not asked about what was refused already."""

    def __init__(self, datamodel: Any, col_name: str) -> None:
        super().__init__(datamodel, col_name, _l("Já existe um registro com este valor."))

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError for a value another row has."""
        if not field.errors:
            super().__call__(form, field)


class ConversorDeFormulario(GeneralModelConverter):
    """Columns to fields. ``remotos`` maps a relation to its source of options; ``padroes`` starts fields with what the model would write."""

    def __init__(self, datamodel: Any, remotos: dict[str, str], *, padroes: bool = True):
        super().__init__(datamodel)
        self.remotos, self.padroes = remotos, padroes

    def _convert_many_to_one(self, col_name: str, label: Any, description: Any, lst_validators: list, filter_rel_fields: Any, form_props: dict) -> dict:
        obrigatorio = not self.datamodel.is_nullable(col_name)
        lst_validators.append(validators.DataRequired(_("Escolha uma opção.")) if obrigatorio else validators.Optional())
        comum = {"label": label, "description": description, "validators": lst_validators, "filtrar": self._filtrar(col_name, filter_rel_fields)}
        if col_name in self.remotos:
            form_props[col_name] = CampoRemoto(fonte=self.remotos[col_name], **comum)
        else:
            form_props[col_name] = CampoSelecao(modelo=self.datamodel.get_related_model(col_name), **comum)
        return form_props

    def _filtrar(self, coluna: str, filtros_da_relacao: dict | None) -> Callable[[Query], Query] | None:
        lista = (filtros_da_relacao or {}).get(coluna)
        if not lista:
            return None
        return self.datamodel.get_related_interface(coluna).get_filters().add_filter_list(lista).apply_all

    def _convert_many_to_many(self, col_name: str, label: Any, description: Any, lst_validators: list, filter_rel_fields: Any, form_props: dict) -> dict:
        form_props[col_name] = SelecaoMultipla(
            label, description=description, validators=lst_validators,
            query_func=self._get_related_query_func(col_name, filter_rel_fields), get_pk_func=self._get_related_pk_func(col_name),
        )
        return form_props

    def _convert_simple(self, col_name: str, label: Any, description: Any, lst_validators: list, form_props: dict) -> dict:
        form_props = super()._convert_simple(col_name, label, description, lst_validators, form_props)
        lst_validators[:] = [Unico(v.datamodel, v.col_name) if isinstance(v, Unique) else v for v in lst_validators]
        if self.datamodel.is_enum(col_name):
            form_props[col_name] = self._enum(col_name, label, description, lst_validators)
        elif self.datamodel.is_numeric(col_name):
            form_props[col_name] = self._decimal(col_name, label, description, lst_validators)
        if form_props[col_name].kwargs.get("default") is None and self.padroes:
            form_props[col_name].kwargs["default"] = padrao_do_servidor(self.datamodel.list_columns[col_name])
        return form_props

    def _enum(self, coluna: str, label: Any, description: Any, validadores: list) -> Any:
        tipo = self.datamodel.list_columns[coluna].type
        padrao = self.datamodel.get_col_default(coluna)
        return CampoEnum(label, validadores, enum_class=tipo.enum_class, enums=tipo.enums, description=description, default=padrao)

    def _decimal(self, coluna: str, label: Any, description: Any, validadores: list) -> Any:
        tipo = getattr(self.datamodel.list_columns[coluna].type, "impl", self.datamodel.list_columns[coluna].type)
        casas, total = tipo.scale, tipo.precision
        classe = CampoDinheiro if casas == 2 else CampoDecimal
        inteiros = total - casas if total is not None and casas is not None else None
        padrao = self.datamodel.get_col_default(coluna)
        return classe(label, validadores, casas=casas, inteiros=inteiros, description=description, default=padrao, widget=EntradaNumero())


def padrao_do_servidor(coluna: Column[Any]) -> Any:
    """The value the database writes in that column when none is given, or None: it has none, or computes it."""
    dito = getattr(coluna.server_default, "arg", None)
    texto = dito if isinstance(dito, str) else dito.text if isinstance(dito, TextClause) else str(dito) if isinstance(dito, (True_, False_)) else ""
    tipo: Any = getattr(coluna.type, "impl_instance", coluna.type)      # of a TypeDecorator
    try:
        if isinstance(tipo, Enum):
            return tipo.enum_class.__members__.get(texto) if tipo.enum_class else texto or None
        return _LEITORES[tipo.python_type](texto)
    except (KeyError, ValueError, ArithmeticError, NotImplementedError):
        return None


_LEITORES: dict[type, Callable[[str], Any]] = {bool: {"true": True, "false": False}.__getitem__, int: int, Decimal: Decimal}


def recusar(form: Any, erro: DominioError | ErroDeBanco, *, nome: Callable[[str], str] = str, senao: str = "") -> None:
    """A refusal goes to the fields it names (``nome``: what it calls a field → the form's own name), else to the field ``senao``, or above the form."""
    ditos = [nome(n) for n in getattr(erro, "colunas", ()) or (getattr(erro, "campo", None) or "",)]
    achados = [campo for campo in ditos if campo in form] or ([senao] if senao else [])
    for campo in achados:
        form[campo].errors = [*form[campo].errors, str(erro)]
    if not achados:
        form.form_errors = [str(erro)]


class FormulariosDaCasa:
    """Part of VisaoBase: adding and editing."""

    remotos: dict[str, str] = {}
    confere_versao = True

    def _init_forms(self) -> None:
        conversor = ConversorDeFormulario(self.datamodel, self.remotos)
        self.search_form = self.search_form or ConversorDeFormulario(self.datamodel, self.remotos, padroes=False).create_form(
            self.label_columns, self.search_columns, extra_fields=self.search_form_extra_fields, filter_rel_fields=self.search_form_query_rel_fields)
        self.add_form = self.add_form or self._criar_form(conversor, self.add_columns, self.add_form_extra_fields, self.add_form_query_rel_fields)
        self.edit_form = self.edit_form or self._criar_form(conversor, self.edit_columns, self.edit_form_extra_fields, self.edit_form_query_rel_fields)

    def _criar_form(self, conversor: ConversorDeFormulario, colunas: list[str], extras: dict, da_relacao: dict) -> type[Form]:
        return conversor.create_form(self.label_columns, colunas, self.description_columns, self.validators_columns, extras, da_relacao)

    # ---- adding

    def _add(self) -> dict | None:
        get_filter_args(self._filters, disallow_if_not_in_search=False)
        fixas = self._filters.get_relation_cols()
        form = self.add_form.refresh()
        self._fill_form_exclude_cols(fixas, form)
        form.assunto_unico = f"{self.endpoint}:{impressao(form)}"      # before validating, which may change it
        if request.method == "POST" and (self._ja_incluido(form) or (form.validate() and self._incluir(form))):
            return None
        widgets = self._get_add_widget(form=form, exclude_cols=fixas)
        widgets["add"].template_args["chave"] = request.form.get(CAMPO_CHAVE) or nova_chave()
        widgets["add"].template_args["assunto"] = " · ".join(str(form[coluna].data) for coluna in fixas if coluna in form and form[coluna].data)
        return widgets

    def _ja_incluido(self, form: Form) -> bool:
        """Whether this opening of the form was sent before, saying the same: what it added is shown, and nothing is added again."""
        item_id = feito(self.datamodel.session, form.assunto_unico, request.form.get(CAMPO_CHAVE, ""))
        if item_id is None:
            return False
        self._mostrar_incluido(item_id)
        return True

    def _mostrar_incluido(self, item_id: int) -> None:
        item = self.datamodel.session.get(self.datamodel.obj, item_id)
        if item is None:
            flash(_("Isto já tinha sido gravado e foi excluído depois: nada foi incluído de novo."), "warning")
            return
        self.post_add(item)
        flash(_("Isto já estava gravado: nada foi incluído de novo."), "warning")

    def _incluir(self, form: Form) -> bool:
        item, repetido = self.datamodel.obj(), None

        def incluir() -> int:
            self.process_form(form, True)
            with self.datamodel.session.no_autoflush:
                form.populate_obj(item)
                self.pre_add(item)
            self.datamodel.session.add(item)
            self.datamodel.session.flush()
            return self.datamodel.get_pk_value(item)

        def gravar() -> None:
            nonlocal repetido
            item_id, de_novo = uma_vez(self.datamodel.session, form.assunto_unico, request.form.get(CAMPO_CHAVE, ""), incluir)
            repetido = item_id if de_novo else None

        if not self._tentar(form, gravar):
            return False
        if repetido is not None:
            self._mostrar_incluido(repetido)
            return True
        self.post_add(item)
        flash(str(self.add_row_message), "success")
        return True

    # ---- editing

    def _edit(self, pk: Any) -> dict | None:
        get_filter_args(self._filters, disallow_if_not_in_search=False)
        fixas = self._filters.get_relation_cols()
        item = self.datamodel.get(pk, self._base_filters)
        if item is None and request.method == "POST":
            raise NaoEncontrado(_("Este registro não existe mais: alguém o excluiu enquanto você o editava. Nada foi salvo."))
        item = item or abort(404)
        pk = self.datamodel.get_pk_value(item)
        versao = self._versao(item)
        if request.method == "POST":
            form = self._form_de_edicao(item)
            self._fill_form_exclude_cols(fixas, form)
            form._id = pk
            if form.validate() and self._alterar(form, item):
                return None
            versao = request.form.get(CAMPO_VERSAO) or versao
        else:
            form = self._form_de_edicao(item)
            self.prefill_form(form, pk)
        return self._tela_de_edicao(form, item, fixas, versao)

    def _form_de_edicao(self, item: Any) -> Form:
        """Without the fields of data the person may not see: they are neither shown nor changed."""
        form = self.edit_form.refresh(obj=item)
        for campo in [c.name for c in form if sigilo.parcial(self.datamodel.obj, c.name, getattr(item, c.name, None))]:
            del form[campo]
        return form

    def _tela_de_edicao(self, form: Form, item: Any, fixas: list[str], versao: str) -> dict:
        widgets = self._get_edit_widget(form=form, exclude_cols=fixas)
        widgets["edit"].template_args["include_cols"] = [c for c in self.edit_columns if c in form]      # some are not for the person to see
        widgets["edit"].template_args.update(versao_registro=versao, assunto=self.assunto(item))
        return self._get_related_views_widgets(
            item, orders=get_order_args(), pages=get_page_args(), page_sizes=get_page_size_args(), widgets=widgets)

    def assunto(self, item: Any) -> str:
        """Which record a form changes, under its title."""
        return self.nome_do_registro(item)

    def _alterar(self, form: Form, item: Any) -> bool:
        def gravar() -> None:
            self._conferir_versao(form, item)
            self.process_form(form, False)
            with self.datamodel.session.no_autoflush:
                form.populate_obj(item)
                self.pre_update(item)

        if not self._tentar(form, gravar):
            return False
        self.post_update(item)
        flash(str(self.edit_row_message), "success")
        return True

    def _versao(self, item: Any) -> str:
        return (versao_de(item) or self._retrato(item)) if self.confere_versao else ""

    def _retrato(self, item: Any) -> str:
        """What the form shows of a row that does not say when it changed, in few characters."""
        return retrato(getattr(item, coluna, None) for coluna in self.edit_columns)

    def _conferir_versao(self, form: Form, item: Any) -> None:
        """Lock the row, look again, and refuse to write over a change made after the form was opened, unless it made the row what the form says."""
        lida = request.form.get(CAMPO_VERSAO)
        if not lida or not self.confere_versao:
            return
        try:
            self.datamodel.session.expire(item)
            self.datamodel.session.refresh(item, [self.datamodel.get_pk_name()], with_for_update={"key_share": True})
        except InvalidRequestError as erro:
            raise Conflito(_("Este registro foi excluído por outra pessoa.")) from erro
        if self._versao(item) != lida and not self._ja_diz(form, item):
            form.recarregar = True
            quando = getattr(item, "updated_at", None)
            texto = (
                _("Outra pessoa alterou este registro em %(quando)s. Nada foi salvo; o que você digitou continua aqui.", quando=datahora_br(quando))
                if quando else _("Outra pessoa alterou este registro. Nada foi salvo; o que você digitou continua aqui.")
            )
            raise Conflito(texto, codigo="versao_antiga")

    def _ja_diz(self, form: Form, item: Any) -> bool:
        """Whether the form would change nothing of the row, read again: it was sent twice."""
        sessao = self.datamodel.session
        sessao.expire(item)
        for campo in form:
            getattr(item, campo.name, None)      # a change is told from what was loaded
        with sessao.no_autoflush:
            form.populate_obj(item)
            return not sessao.is_modified(item)

    # ---- both

    def _tentar(self, form: Form, gravar: Callable[[], None]) -> bool:
        """Run ``gravar`` in one transaction; a refusal goes to the form, at the field when it is known."""
        try:
            with transacao() as sessao:
                gravar()
                sessao.flush()
        except SQLAlchemyError as erro:
            recusar(form, traduzir(erro, self.datamodel.obj.metadata), nome=self._campo_da_coluna)
            return False
        except (DominioError, ErroDeBanco) as erro:
            recusar(form, erro, nome=self._campo_da_coluna)
            return False
        return True

    def _campo_da_coluna(self, coluna: str) -> str:
        """``cliente_id`` is edited in the field ``cliente``."""
        sem_id = coluna.removesuffix("_id")
        return sem_id if self.datamodel.is_relation(sem_id) else coluna

    def _fill_form_exclude_cols(self, exclude_cols: list[str], form: Form) -> None:
        """Relations fixed by the address (``?_flt_0_cliente=7``) are found through the field's own rules, or 404."""
        for coluna in exclude_cols:
            valor = self._filters.get_filter_value(coluna)
            if coluna in form and hasattr(form[coluna], "achar"):
                form[coluna].data = form[coluna].achar(valor[0] if isinstance(valor, list) else valor) or abort(404)
                form[coluna]._recusado = False

    def _get_add_widget(self, form: Form, exclude_cols: list[str] | None = None, widgets: dict | None = None) -> dict:
        return self._com_erro(super()._get_add_widget(form, exclude_cols, widgets), "add", form)

    def _get_edit_widget(self, form: Form, exclude_cols: list[str] | None = None, widgets: dict | None = None) -> dict:
        return self._com_erro(super()._get_edit_widget(form, exclude_cols, widgets), "edit", form)

    @staticmethod
    def _com_erro(widgets: dict, nome: str, form: Form) -> dict:
        widgets[nome].template_args.update(recarregar=getattr(form, "recarregar", False))
        return widgets
