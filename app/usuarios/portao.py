"""The gate before every request: customers reach the portal and nothing else, staff everything but the portal, and whoever must
change the password or set up the second factor only that page. What is closed does not exist: 404. Programs are counted.
"""

from __future__ import annotations

from flask import Flask, Response, abort, current_app, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import configuracao, limites, paginas_erro
from app.core.tipos import N_
from app.usuarios import consultas, sessoes, ver_como

PORTAL, DE_UM_ENDERECO = "/portal", 10
DO_CLIENTE = (PORTAL, "/arquivos", "/static", "/logout", "/trocar-senha", "/login", "/recuperar", "/cadastrar", "/sw.js")
DE_TODOS = ("/static", "/healthz", "/readyz", "/metrics")
SEM_TROCA = ("/static", "/trocar-senha", "/logout", "/login", "/recuperar", "/convite", "/sw.js")
SEM_ENTRAR = ("/api", "/login", "/logout", "/recuperar", "/convite", "/cadastrar", "/p", "/webhooks", "/lang")
SEM_FATOR = (*SEM_TROCA, "/perfil/segundo-fator", "/confirmar", "/lang")
configuracao.declarar(
    "acesso.api_por_minuto", int, 600, N_("Pedidos por minuto de cada programa"),
    N_("Acima disso a API responde 429 e diz quando tentar de novo."), minimo=10, maximo=100_000)


def init_app(app: Flask) -> None:
    """Put the gate in front of every request, after the user is known."""
    app.before_request(portao)


def portao() -> ResponseReturnValue | None:
    """Let the request through (None), or answer for it."""
    if _sob(DE_TODOS):
        return None
    if _sob(("/api",)):
        if len(request.headers.get("Authorization", "").replace(",", " , ").split()) > 2:
            return jsonify(message=_("O cabeçalho Authorization leva uma só chave ou um só token.")), 400
        if espera := _da_api():
            return _devagar(espera)
    if not current_user.is_authenticated:
        enviou = request.method == "POST" and sessoes.NOME in session and not _sob(SEM_ENTRAR)
        return paginas_erro.sessao_terminou() if enviou and not paginas_erro.quer_json() else None
    cliente = consultas.e_cliente(current_user)
    if cliente and request.path == "/":
        return redirect(PORTAL + "/")
    if cliente != _sob((PORTAL,)) and not (cliente and _sob(DO_CLIENTE)) and (cliente or not ver_como.permite()):
        abort(404)
    sessoes.acompanhar()
    if g.get("trocar_senha") and not _sob(SEM_TROCA):
        return _antes(_("Troque a senha antes de continuar."), "TrocarSenhaView.formulario")
    if not cliente and (esta := sessoes.atual()) is not None and esta.falta_2fa and not _sob(SEM_FATOR):
        return _antes(_("Ligue a verificação em duas etapas antes de continuar."), "SegurancaView.segundo_fator")
    return None


def _da_api() -> int:
    """Seconds this program has to wait: counted by what it shows (a key, a token, a session), and by its address ten times as many."""
    maximo = configuracao.ler("acesso.api_por_minuto")
    mostrado = request.headers.get("Authorization", "").rpartition(" ")[2] or request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) or ""
    espera = limites.contar("api", sessoes.resumir(mostrado)[:32], maximo=maximo) if mostrado else 0
    return espera or limites.contar("api_endereco", limites.endereco(request.remote_addr), maximo=maximo * (DE_UM_ENDERECO if mostrado else 1))


def _devagar(espera: int) -> Response:
    resposta = jsonify(message=_("Pedidos demais. Tente de novo em %(n)d segundos.", n=espera))
    resposta.status_code, resposta.headers["Retry-After"] = 429, str(espera)
    return resposta


def _antes(frase: str, pagina: str) -> ResponseReturnValue:
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return jsonify(message=frase), 403
    return redirect(url_for(pagina))


def _sob(prefixos: tuple[str, ...]) -> bool:
    return any(request.path == p or request.path.startswith(p + "/") for p in prefixos)
