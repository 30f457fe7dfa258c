"""Stored files, read only; the content itself is served by /arquivos under the owner's rule."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.formatos import numero
from app.core.models import Arquivo
from app.core.visoes import Interface, Ligacao, VisaoSomenteLeitura
from app.core.visoes.trilha import rotulo_do_recurso


class ArquivoView(VisaoSomenteLeitura):
    """``/arquivos-guardados``: what is stored, how big, whose."""

    datamodel = Interface(Arquivo)
    route_base = "/arquivos-guardados"
    list_title, show_title = _l("Arquivos"), _l("Arquivo")
    list_columns = ["nome", "tipo", "tamanho", "dono_tabela", "dono_id", "created_at"]
    show_columns = [*list_columns, "sha256", "expira_em"]
    search_columns = ["nome", "tipo", "dono_tabela", "dono_id", "created_at"]
    order_columns = []
    colunas_direita = ("tamanho",)
    links_da_linha = (Ligacao(_l("Baixar"), "arquivo", "download", parametro="arquivo_id"),)
    label_columns = {
        "nome": _l("Nome"), "tipo": _l("Tipo"), "tamanho": _l("Tamanho"), "dono_tabela": _l("Pertence a"), "dono_id": _l("Registro"),
        "created_at": _l("Criado em"), "sha256": _l("Resumo SHA-256"), "expira_em": _l("Expira em"),
    }

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        self.formatters_columns = {"tamanho": tamanho_legivel, "dono_tabela": lambda t: rotulo_do_recurso(t) if t else None}


def tamanho_legivel(octetos: int) -> str:
    """``1,5 MB``: decimal units, one place above a thousand bytes."""
    for unidade, quanto in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octetos >= quanto:
            decimos = octetos * 10 // quanto
            return f"{numero(decimos // 10)},{decimos % 10} {unidade}"
    return f"{octetos} B"
