"""The audit trail in people's words: actions, tables, columns, values, and where a record's page is. What a person may not see of a record stays hidden."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app, g, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy import inspect
from werkzeug.routing import BuildError

from app.core import sigilo
from app.core.auditoria.linhas import CARIMBOS
from app.core.auditoria.valores import de_json
from app.core.formatos import exibir
from app.core.models import UserAuditLog
from app.core.tipos import N_
from app.core.visoes.rotulos_api import nome_da_coluna
from app.extensions import db

TEXTO_LONGO = 60
OCULTO = "•••"
ACOES = {
    "criar": N_("Criação"), "alterar": N_("Alteração"), "excluir": N_("Exclusão"), "entrada": N_("Entrada no sistema"), "falha_entrada": N_("Senha errada"),
    "falha_codigo": N_("Código errado"),
    "repassar_trabalho": N_("Trabalho passado adiante"),
    "saida": N_("Saída"), "trava": N_("Conta travada por tentativas"), "destravar": N_("Tentativas liberadas"), "trocar_senha": N_("Senha trocada"),
    "recuperar_senha": N_("Recuperação de senha"), "convidar": N_("Convite"), "aceitar_convite": N_("Convite aceito"),
    "ligar_2fa": N_("Segunda etapa ligada"), "desligar_2fa": N_("Segunda etapa desligada"), "redefinir_2fa": N_("Segunda etapa redefinida"),
    "confirmar_identidade": N_("Identidade confirmada"), "encerrar_sessao": N_("Sessão encerrada"), "criar_chave": N_("Chave de API criada"),
    "revogar_chave": N_("Chave de API revogada"), "ver_como": N_("Início de “ver como”"), "fim_ver_como": N_("Fim de “ver como”"),
    "permissao": N_("Permissões alteradas"), "configurar_canal": N_("Servidor de mensagens mudado"),
    "exportar": N_("Exportação"), "ver_documento": N_("Documento visto por inteiro"),
    "exportar_pessoa": N_("Dados da pessoa exportados"), "anonimizar": N_("Dados da pessoa anonimizados"), "baixar_dados": N_("Cópia dos dados baixada"),
    "confirmar_instancia": N_("Cópia confirmada"), "emitir": N_("Emissão em lote"), "avisar": N_("Avisos em lote"),
    "importar": N_("Importação"), "ver_senha": N_("Senha PPPoE vista"), "cancelar": N_("Cancelamento"), "reenviar": N_("Reenvio"),
    "tentar_de_novo": N_("Nova tentativa"), "confirmar": N_("Confirmação"), "executar_agora": N_("Execução pedida"), "pausar": N_("Pausa"),
    "retomar": N_("Retomada"),
}
SEM_TELA = {    # tables no screen lists
    "canal_envio": N_("Envio de e-mail"), "convite": N_("Convites"), "dispositivo_confiavel": N_("Dispositivos confiáveis"),
    "limite_papel": N_("Limites dos papéis"), "ab_api_key": N_("Chaves de API"), "acesso_portal": N_("Acessos ao portal"), "anexo": N_("Anexos"),
    "cobranca": N_("Cobranças"), "configuracao": N_("Configurações"), "contrato_ciclo": N_("Vencimentos dos contratos"),
    "desbloqueio_confianca": N_("Desbloqueios em confiança"), "filtro_salvo": N_("Visões salvas"), "importacao": N_("Importações"),
    "instancia": N_("Instalação"), "lote_faturamento": N_("Lotes da rodada"), "perfil": N_("Perfis"),
}

_escondem: list[Callable[[str, str], bool]] = []
_ditos: dict[str, Callable[[str], str]] = {}


@dataclass(frozen=True)
class Mudanca:
    """One column of a row of the trail: what it is called, and its value before and after as a screen shows them."""

    campo: str
    antes: Any
    depois: Any


def esconder(regra: Callable[[str, str], bool]) -> None:
    """``regra(table, column)`` says whether the present person must not see that column's values; the trail then shows dots."""
    _escondem.append(regra)


def escondida(tabela: str, coluna: str) -> bool:
    """Whether the present person must not see the values of this column. Secrets are never in the trail at all."""
    return any(regra(tabela, coluna) for regra in _escondem)


def dizer(tabela: str, em_palavras: Callable[[str], str]) -> None:
    """How the name the trail keeps of a related row (``auditoria.relacoes.nomear``) is said to whoever reads."""
    _ditos[tabela] = em_palavras


# ---- words

def rotulo_da_acao(acao: str) -> str:
    """An action in words."""
    return _(ACOES[acao]) if acao in ACOES else acao


def rotulo_do_recurso(tabela: str) -> str:
    """A table as the screen of its rows is called."""
    visao = tela_da_tabela(tabela)
    if visao is None and tabela in SEM_TELA:
        return _(SEM_TELA[tabela])
    return str(visao.list_title) if visao is not None else tabela.removeprefix("ab_").replace("_", " ").capitalize()


def tela_da_tabela(tabela: str) -> Any:
    """The generated screen of a table's rows, or None. Looked for once: a file has a thousand rows of it."""
    telas = current_app.extensions.get("telas_das_tabelas")
    if telas is None:
        com_lista = [v for v in current_app.appbuilder.baseviews if getattr(v, "list_title", None)]
        telas = current_app.extensions["telas_das_tabelas"] = {v.datamodel.obj.__tablename__: v for v in reversed(com_lista)}
    return telas.get(tabela)


def rotulo_do_campo(coluna: str, rotulos: Mapping[str, Any]) -> str:
    """A column in words: as its screen calls it, or the relation it is the key of."""
    sem_id = coluna.removesuffix("_id")
    dito = rotulos.get(coluna, rotulos.get(sem_id))
    return nome_da_coluna(sem_id) if dito is None else str(dito)


def _rotulo(visao: Any, recurso: str, coluna: str) -> str:
    """``rotulo_do_campo`` of a screen's column, said once a request: a file of thousands of rows asks for it again and again."""
    ditos = g.setdefault("rotulos_da_trilha", {})
    if (recurso, coluna) not in ditos:
        ditos[recurso, coluna] = rotulo_do_campo(coluna, getattr(visao, "label_columns", {}))
    return ditos[recurso, coluna]


def endereco_de(tabela: str, chave: str | None) -> str | None:
    """The record's page, when there is one and the present person may open it."""
    visao = tela_da_tabela(tabela) if chave else None
    if visao is None or not _abre(visao.class_permission_name):
        return None
    try:
        return url_for(f"{visao.endpoint}.show", pk=int(chave) if chave.isdecimal() else chave)
    except BuildError:
        return None


def _abre(permissao: str) -> bool:
    """Whether the present person may open records of that screen, asked once a request: a long trail points to the same tables again and again."""
    abertas = g.setdefault("telas_que_abrem", {})
    if permissao not in abertas:
        abertas[permissao] = current_app.appbuilder.sm.has_access("can_show", permissao)
    return abertas[permissao]


# ---- what changed

def mudancas_de(linha: UserAuditLog) -> list[Mudanca]:
    """Every column the row speaks of, in the columns' order; without the stamps, which the row itself is."""
    antes, depois = linha.antes or {}, linha.depois or {}
    tabela, visao = db.metadata.tables.get(linha.resource), tela_da_tabela(linha.resource)
    ver = _olho(visao, linha.resource)
    nomes = [n for n in dict.fromkeys([*antes, *depois]) if n not in CARIMBOS["criar"] or linha.action not in ("criar", "alterar", "permissao")]
    return [_mudanca(linha.resource, tabela, visao, n, _rotulo(visao, linha.resource, n), ver(n, antes.get(n)), ver(n, depois.get(n))) for n in nomes]


def _olho(visao: Any, recurso: str) -> Callable[[str, Any], Any]:
    """A column's value as the present person may see it."""
    modelo = visao.datamodel.obj if visao is not None else next((m.class_ for m in UserAuditLog.registry.mappers if m.local_table.name == recurso), None)
    return lambda coluna, valor: sigilo.mostrar(modelo, coluna, valor) if modelo is not None else sigilo.no_valor(valor)


def _mudanca(recurso: str, tabela: sa.Table | None, visao: Any, nome: str, campo: str, antes: Any, depois: Any) -> Mudanca:
    if escondida(recurso, nome):
        return Mudanca(campo, *(OCULTO if v is not None else None for v in (antes, depois)))
    coluna = tabela.c.get(nome) if tabela is not None else None
    if outra := _do_outro_lado(visao, nome):
        return Mudanca(campo, *(_nomes(outra, v) for v in (antes, depois)))
    if isinstance(antes, str) and isinstance(depois, str) and max(len(antes), len(depois)) > TEXTO_LONGO:
        return Mudanca(campo, *_marcados(antes, depois))
    formatar = (getattr(visao, "formatters_columns", None) or {}).get(nome)
    return Mudanca(campo, *(_valor(coluna, v, formatar) for v in (antes, depois)))


def _do_outro_lado(visao: Any, nome: str) -> str | None:
    """Of a many-to-many relation, the other table."""
    relacao = inspect(visao.datamodel.obj).relationships.get(nome) if visao is not None else None
    return relacao.mapper.local_table.name if relacao is not None and relacao.secondary is not None else None


def _nomes(tabela: str, valor: Any) -> Any:
    dizer_nome = _ditos.get(tabela, str)
    ditos = (dizer_nome(str(v["nome"])) if isinstance(v, dict) else str(v) for v in valor or ())
    return list(dict.fromkeys(ditos)) if isinstance(valor, list) else valor


def _valor(coluna: sa.Column | None, valor: Any, formatar: Callable[[Any], Any] | None) -> Any:
    if isinstance(valor, (dict, list)):
        return Markup('<pre class="json">{}</pre>').format(json.dumps(valor, ensure_ascii=False, indent=2)) if valor else None
    lido = de_json(coluna, valor)
    if coluna is not None and coluna.foreign_keys and valor is not None:
        return _apontado(next(iter(coluna.foreign_keys)).column.table.name, valor)
    return formatar(lido) if formatar is not None and lido is not None else lido


def _apontado(tabela: str, chave: Any) -> Markup:
    endereco = endereco_de(tabela, str(chave))
    return Markup('<a href="{}">{}</a>').format(endereco, f"#{chave}") if endereco else escape(f"#{chave}")


def _marcados(antes: str, depois: str) -> tuple[Markup, Markup]:
    """Two long texts with the words that went and the words that came marked."""
    velhas, novas = re.findall(r"\s+|[^\s]+", antes), re.findall(r"\s+|[^\s]+", depois)
    lados: tuple[list[str], list[str]] = ([], [])
    for tipo, a, b, c, d in difflib.SequenceMatcher(None, velhas, novas, autojunk=False).get_opcodes():
        for lado, marca, palavras in zip(lados, ("del", "ins"), (velhas[a:b], novas[c:d]), strict=True):
            texto = escape("".join(palavras))
            lado.append(f"<{marca}>{texto}</{marca}>" if tipo != "equal" and texto else texto)
    return Markup('<span class="texto">{}</span>').format(Markup("".join(lados[0]))), Markup('<span class="texto">{}</span>').format(Markup("".join(lados[1])))


def em_texto(linha: UserAuditLog, lado: str) -> str:
    """All that a row says of before or after, as one line of a file: ``Nome: Padroeira; Data: 08/12/2026``."""
    if (ultima := g.get("mudancas_da_linha", (None, ()))) and ultima[0] is linha:
        mudancas = ultima[1]
    else:
        mudancas = mudancas_de(linha)
        g.mudancas_da_linha = linha, mudancas
    partes = ((m.campo, exibir(getattr(m, lado)).striptags()) for m in mudancas if getattr(m, lado) not in (None, [], ""))
    return "; ".join(f"{campo}: {valor}" for campo, valor in partes)
