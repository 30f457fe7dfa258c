"""Routes that belong to no module: health, readiness and files."""

from __future__ import annotations

import datetime as dt

import redis
from flask import Flask, Response, abort, current_app, jsonify
from flask_login import current_user
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from app.core import arquivos, cifra, filas, instancia, permissoes, relogio
from app.core.exportacao import transmitir
from app.core.models import Arquivo, Pulso
from app.extensions import csrf, db

PULSO_VELHO = dt.timedelta(minutes=5)
PROCESSOS = ("clock", "worker_rapida", "worker_longa")
_NA_PAGINA = {"image/png", "image/jpeg", "image/webp", "image/gif"}


def init_app(app: Flask) -> None:
    """Register the routes."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/arquivos/<int:arquivo_id>", "arquivo", baixar_arquivo)
    csrf.exempt(healthz)


def healthz() -> Response:
    """The process is alive; asks nobody."""
    return jsonify(status="ok")


def readyz() -> tuple[Response, int]:
    """Whether this instance can serve: the database decides; Redis, workers and clock only degrade."""
    try:
        db.session.execute(text("select 1"))
        degradado = _degradacoes()
    except SQLAlchemyError:
        current_app.logger.exception("database does not answer")
        return jsonify(status="fora", banco="sem resposta"), 503
    return jsonify(status="degradado" if degradado else "ok", degradado=degradado), 200


def _degradacoes() -> list[str]:
    achados = []
    try:
        filas.conexao().ping()
    except redis.RedisError:
        achados.append("redis")
    pulsos = {p.processo: p.em for p in db.session.scalars(select(Pulso))}
    limite = relogio.agora() - PULSO_VELHO
    achados += [nome for nome in PROCESSOS if pulsos.get(nome) is None or pulsos[nome] < limite]
    if not permissoes.publico_vazio(db.session()):
        achados.append("papel_publico")
    if cifra.ilegiveis(db.session()):
        achados.append("chave_cifra")
    if current_app.config["EFEITOS_EXTERNOS"] and not instancia.efeitos_ligados():
        achados.append("modo_silencioso")
    return achados


def baixar_arquivo(arquivo_id: int) -> Response:
    """A stored file under the rule of its owner; 404 for everybody else. Images are shown, all else is a download."""
    arquivo = db.session.get(Arquivo, arquivo_id)
    if arquivo is None or not _pode_ler(arquivo):
        abort(404)
    resposta = Response(transmitir(lambda: arquivos.ler(db.session(), arquivo_id)), mimetype=arquivo.tipo)
    resposta.content_length = arquivo.tamanho
    forma = "inline" if arquivo.tipo in _NA_PAGINA else "attachment"
    resposta.headers.set("Content-Disposition", forma, filename=arquivo.nome)
    resposta.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return resposta


def _pode_ler(arquivo: Arquivo) -> bool:
    regra = arquivos.REGRAS.get(arquivo.dono_tabela or "")
    if not current_user.is_authenticated:
        return False
    return regra is not None and regra(arquivo.dono_id or 0)
