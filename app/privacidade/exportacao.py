"""All data of a customer as one zip: ``dados.json``, one CSV per table, and a page that explains them. Pure but for the reading."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import Role, User
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.clientes.models import AcessoPortal
from app.core.auditoria import para_json
from app.core.exportacao import linhas_csv
from app.core.formatos import datahora_br
from app.core.telas.auditoria import rotulo_do_recurso
from app.core.visoes.rotulos_api import nome_da_coluna
from app.extensions import db
from app.privacidade import mapa
from app.usuarios.models import SessaoUsuario

CONTAS, SESSOES = "contas_do_portal", "sessoes_do_portal"


@dataclass(frozen=True)
class Parte:
    """A table's rows of one customer."""

    nome: str
    titulo: str
    colunas: Sequence[str]
    linhas: Sequence[Sequence[Any]]


def partes() -> list[str]:
    """Names of what the file is made of."""
    return [*mapa.exportadas(), CONTAS, SESSOES]


def ler(sessao: Session, nome: str, cliente_id: int) -> Parte:
    """One part, in the order of its keys."""
    if nome in _PROPRIAS:
        return _PROPRIAS[nome](sessao, cliente_id)
    tabela, colunas = db.metadata.tables[nome], mapa.colunas(nome)
    consulta = sa.select(*(tabela.c[c] for c in colunas)).where(mapa.do_cliente(nome, cliente_id)).order_by(*tabela.primary_key)
    return Parte(nome, rotulo_do_recurso(nome), colunas, [tuple(linha) for linha in sessao.execute(consulta)])


def _contas(sessao: Session, cliente_id: int) -> Parte:
    colunas = ("username", "email", "first_name", "last_name", "active", "last_login", "created_on")
    consulta = sa.select(*(getattr(User, c) for c in colunas)).where(User.id.in_(_deles(cliente_id)))
    return Parte(CONTAS, _("Contas do portal"), colunas, [tuple(linha) for linha in sessao.execute(consulta.order_by(User.id))])


def _sessoes(sessao: Session, cliente_id: int) -> Parte:
    colunas = ("aberta_em", "vista_em", "encerrada_em", "ip", "agente")
    consulta = sa.select(*(getattr(SessaoUsuario, c) for c in colunas)).where(SessaoUsuario.usuario_id.in_(_deles(cliente_id)))
    return Parte(SESSOES, _("Entradas no portal"), colunas, [tuple(linha) for linha in sessao.execute(consulta.order_by(SessaoUsuario.id))])


def _deles(cliente_id: int) -> sa.Select[tuple[int]]:
    return sa.select(AcessoPortal.usuario_id).where(AcessoPortal.cliente_id == cliente_id)


def _acessos(sessao: Session, cliente_id: int) -> Parte:
    """Who saw his data: by role, not by name."""
    tabela = db.metadata.tables["acesso_dado_pessoal"]
    papel = sa.select(sa.func.string_agg(Role.name, ", ")).where(Role.user.any(User.id == tabela.c.usuario_id)).correlate(tabela).scalar_subquery()
    consulta = sa.select(tabela.c.em, tabela.c.o_que, papel).where(tabela.c.cliente_id == cliente_id).order_by(tabela.c.id)
    return Parte("acesso_dado_pessoal", _("Quem acessou seus dados"), ("em", "o_que", "papel"), [tuple(linha) for linha in sessao.execute(consulta)])


_PROPRIAS: Mapping[str, Callable[[Session, int], Parte]] = {CONTAS: _contas, SESSOES: _sessoes, "acesso_dado_pessoal": _acessos}


def empacotar(lidas: Sequence[Parte], *, protocolo: str, provedor: str, em: dt.datetime) -> IO[bytes]:
    """The zip in a temporary file, positioned at its start; the caller closes it."""
    arquivo: IO[bytes] = tempfile.TemporaryFile()      # noqa: SIM115
    with zipfile.ZipFile(arquivo, "w", zipfile.ZIP_DEFLATED) as pacote:
        pacote.writestr("LEIA-ME.txt", _explicacao(lidas, protocolo, provedor, em))
        pacote.writestr("dados.json", json.dumps(_documento(lidas, protocolo, provedor, em), ensure_ascii=False, indent=1))
        for parte in lidas:
            if parte.linhas:
                cabecalho = [nome_da_coluna(c) for c in parte.colunas]
                pacote.writestr(f"{parte.nome}.csv", b"".join(linhas_csv(cabecalho, [[_plano(v) for v in linha] for linha in parte.linhas])))
    arquivo.seek(0)
    return arquivo


def _plano(valor: Any) -> Any:
    return json.dumps(valor, ensure_ascii=False) if isinstance(valor, (dict, list)) else valor


def _documento(lidas: Sequence[Parte], protocolo: str, provedor: str, em: dt.datetime) -> dict[str, Any]:
    tabelas = {
        p.nome: [{c: para_json(v) for c, v in zip(p.colunas, linha, strict=True)} for linha in p.linhas] for p in lidas
    }
    return {"protocolo": protocolo, "provedor": provedor, "gerado_em": em.isoformat(), "titulos": {p.nome: p.titulo for p in lidas}, **tabelas}


def _explicacao(lidas: Sequence[Parte], protocolo: str, provedor: str, em: dt.datetime) -> bytes:
    linhas = [
        _("Cópia dos seus dados pessoais"), "", _("Provedor: %(provedor)s", provedor=provedor), _("Protocolo: %(protocolo)s", protocolo=protocolo),
        _("Feita em: %(quando)s", quando=datahora_br(em)), "",
        _("Este arquivo tem tudo o que o provedor guarda sobre você (LGPD, Lei 13.709/2018, arts. 18 e 19)."),
        _("dados.json é para outros programas; cada arquivo .csv abre no Excel ou no LibreOffice, com ponto e vírgula entre as colunas."),
        _("As faturas e os recibos em PDF podem ser pedidos ao provedor ou baixados na área do cliente."), "", _("O que há nele:"),
        *(f"  {p.nome}.csv – {p.titulo}: {len(p.linhas)}" for p in lidas if p.linhas), "",
        _("Em “quem acessou seus dados” aparece a função da pessoa que os viu, e não o nome dela."),
    ]
    return ("\ufeff" + "\r\n".join(linhas) + "\r\n").encode()
