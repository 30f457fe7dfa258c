"""Titles and labels of the API are those of the screens of the same rows: said once, by the view."""
from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context
from flask_appbuilder import ModelView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from app.core.tipos import N_

CAMPOS = {      # columns no screen shows, where the column's own name is not what a person would write
    "acao": N_("Ação"), "cabecalho": N_("Cabeçalho"), "codigo_barras": N_("Código de barras"), "codigos_recuperacao": N_("Códigos de recuperação"),
    "copia_emitente": N_("Cópia do emitente"), "created_by_fk": N_("Criado por"), "credito": N_("Crédito"), "duracao_ms": N_("Duração (ms)"),
    "endereco_instalacao": N_("Endereço de instalação"), "execucao": N_("Execução"), "motivo_cancelamento": N_("Motivo do cancelamento"),
    "notificacao": N_("Mensagem"), "pagador_endereco": N_("Endereço do pagador"), "pagador_nome": N_("Nome do pagador"),
    "observacoes": N_("Observações"), "password": N_("Senha"), "permissao": N_("Permissão"), "permissions": N_("Permissões"),
    "pix_copia_e_cola": N_("Pix copia e cola"), "public_url": N_("Endereço público"), "reservado_ate": N_("Reservado até"),
    "senha_pppoe": N_("Senha PPPoE"), "totp_passo": N_("Último código do segundo fator"), "totp_secret": N_("Segredo do segundo fator"),
    "transacao": N_("Transação"), "trocar_senha": N_("Precisa trocar a senha"), "txid_pix": N_("Identificador do Pix"),
    "url": N_("Endereço"), "usuario": N_("Usuário"), "versao_aplicada": N_("Versão aplicada"), "versao_modelo": N_("Versão do modelo"),
    "visao": N_("Tela"), "totp_desde": N_("Segundo fator desde"), "escopos": N_("Permissões da chave"), "ultimo_uso_em": N_("Último uso"),
    "ultimo_ip": N_("Último endereço IP"), "revogada_em": N_("Revogada em"), "prefixo": N_("Começo da chave"), "exige_2fa": N_("Exige duas etapas"),
    "sessao_horas": N_("Horas de sessão"), "ociosa_minutos": N_("Minutos sem uso"), "dispensa": N_("Dispensa"),
}
_DE_TODOS = {"id": _l("Número"), "created_at": _l("Criado em"), "updated_at": _l("Alterado em")}


def telas_de(modelo: type) -> list[Any]:
    """Screens of a model's rows, in the order they were registered."""
    return [v for v in current_app.appbuilder.baseviews if isinstance(v, ModelView) and v.datamodel.obj is modelo]


def rotulos_de(modelo: type) -> dict[str, Any]:
    """Labels the screens of a model declare by column; those of the first screen win."""
    rotulos = dict(_DE_TODOS)
    for tela in reversed(telas_de(modelo)):
        rotulos |= type(tela).label_columns or {}      # the instance's also has the framework's guesses
    return rotulos


def nome_da_coluna(coluna: str) -> str:
    """A column no screen shows, in words."""
    return _(CAMPOS[coluna]) if coluna in CAMPOS else coluna.replace("_", " ").capitalize()


def _titulo(nome: str) -> Any:
    def ler(self: Any) -> str:
        telas = telas_de(self.datamodel.obj) if has_app_context() and hasattr(current_app, "appbuilder") else []
        classe: Any = type(telas[0]) if telas else None
        dito = classe and (getattr(classe, nome) or classe.show_title or classe.list_title)
        return str(dito) if dito else self.__dict__.get(nome, "")

    return property(ler, lambda self, valor: self.__dict__.__setitem__(nome, valor))


class RotulosDaTela:
    """Part of every API."""

    list_title, show_title, add_title, edit_title = (_titulo(nome) for nome in ("list_title", "show_title", "add_title", "edit_title"))

    def rotulo(self, coluna: str) -> str:
        """A column in words: as its screen calls it; of a related row, the relation and its column."""
        da_tela = rotulos_de(self.datamodel.obj) | (type(self).label_columns or {})
        relacao, _ponto, folha = coluna.partition(".")
        sem_id = coluna.removesuffix("_id")
        if dito := da_tela.get(coluna) or da_tela.get(sem_id):
            return str(dito)
        if folha:
            return f"{self.rotulo(relacao)}: {rotulos_de(self.datamodel.get_related_model(relacao)).get(folha) or nome_da_coluna(folha)}"
        telas = telas_de(self.datamodel.get_related_model(sem_id)) if self.datamodel.is_relation(sem_id) else []
        return str(telas[0].show_title) if telas and sem_id != coluna else nome_da_coluna(sem_id)

    def _label_columns_json(self, cols: list[str] | None = None) -> dict[str, str]:
        return {coluna: self.rotulo(coluna) for coluna in cols or ()}

    def _get_field_info(self, field: fields.Field, *argumentos: Any, **opcoes: Any) -> dict[str, Any]:
        return {**super()._get_field_info(field, *argumentos, **opcoes), "label": self.rotulo(field.name)}
