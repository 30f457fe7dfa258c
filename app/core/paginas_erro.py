"""Pages for everything the application refuses: a sentence in Portuguese, the right code, and JSON for the API."""
from __future__ import annotations

import logging

from flask import Flask, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from app.core.ator import request_id
from app.core.erros import DominioError
from app.core.limites import em_minutos

log = logging.getLogger(__name__)

TEXTOS = {
    400: (_l("Pedido inválido"), _l("O endereço ou os dados enviados não estão corretos. Volte e tente de novo.")),
    401: (_l("Entre para continuar"), _l("Sua sessão terminou ou você ainda não entrou.")),
    403: (_l("Sem permissão"), _l("Seu papel não permite abrir esta página. Peça acesso a um administrador.")),
    404: (_l("Página não encontrada"), _l("O endereço não existe, ou o registro foi removido ou não é seu.")),
    405: (_l("Operação não permitida"), _l("Esta página não aceita esse tipo de pedido.")),
    409: (_l("Conflito"), _l("O registro mudou enquanto você trabalhava. Abra de novo e confira.")),
    413: (_l("Arquivo grande demais"), _l("O arquivo ou o formulário enviado passa do tamanho permitido.")),
    422: (_l("Não foi possível fazer isso"), _l("Os dados não obedecem a uma regra.")),
    429: (_l("Muitas tentativas"), _l("Espere um pouco antes de tentar de novo.")),
    500: (_l("Algo deu errado"), _l("O erro foi registrado. Tente de novo em instantes; se continuar, avise o suporte com o código abaixo.")),
    502: (_l("Serviço externo fora do ar"), _l("Um serviço de fora não respondeu. Tente de novo em instantes.")),
    503: (_l("Em manutenção"), _l("O sistema volta em instantes.")),
}


def quer_json() -> bool:
    """Whether a program asks, and not a person."""
    return request.path.startswith(("/api/", "/webhooks/")) or request.accept_mimetypes.best == "application/json"


def pagina(codigo: int, *, texto: str = "", detalhe: str = "") -> ResponseReturnValue:
    """The answer for an HTTP code: a page, or ``{"message": ...}`` for the API and for scripts that ask for JSON; with the request's number."""
    titulo, padrao = TEXTOS.get(codigo, TEXTOS[500])
    texto = texto or padrao
    if quer_json():
        return jsonify(message=str(detalhe or texto), **({"referencia": request_id()} if codigo >= 500 else {})), codigo
    return render_template("crm/erro.html", codigo=codigo, titulo=titulo, texto=texto, detalhe=detalhe, referencia=request_id(), voltar=_voltar()), codigo


def _voltar() -> str | None:
    anterior = request.referrer or ""
    return anterior if anterior.startswith(request.host_url) and anterior != request.url else None


def _http(erro: HTTPException) -> ResponseReturnValue:
    if erro.code is None or erro.code < 400:
        return erro
    espera = getattr(erro, "retry_after", None)
    if not espera or not isinstance(espera, int):
        return pagina(erro.code)
    return *pagina(erro.code, texto=_("Espere %(tempo)s e tente de novo.", tempo=em_minutos(espera))), {"Retry-After": str(espera)}


def _outro_nome(_erro: SecurityError) -> ResponseReturnValue:
    """A Host not in TRUSTED_HOSTS: there is no address to build a page's links from."""
    return Response(str(TEXTOS[400][0]), 400, content_type="text/plain; charset=utf-8")


def _csrf(_erro: CSRFError) -> ResponseReturnValue:
    """Whose session ended meanwhile signs in and comes back to the form; others are told what to do and nothing else."""
    if not current_user.is_authenticated and not quer_json() and request.endpoint != "EntradaView.login":
        return sessao_terminou()
    if current_user.is_authenticated and _tem_pagina() and not quer_json() and "HX-Request" not in request.headers:
        flash(_("Esta página ficou aberta por muito tempo e nada foi gravado."), "warning")
        return redirect(_com_digitado(request.full_path))
    return pagina(400, texto=_("Esta página ficou aberta por muito tempo e nada foi gravado. Volte, recarregue a página e envie de novo."))


def sessao_terminou() -> ResponseReturnValue:
    """A form was sent by somebody who is signed in no more: to the entry, and from there back to what was typed."""
    if _tem_pagina():
        flash(_("Sua sessão terminou antes do envio: nada foi gravado. Entre para continuar de onde estava."), "warning")
    else:
        flash(_("Sua sessão terminou antes do envio: nada foi gravado. Entre e repita o que ia fazer."), "warning")
    return redirect(url_for("EntradaView.login", next=volta_ao_digitado()))


def volta_ao_digitado() -> str:
    """The page to which crm.js gives back what was sent now: the form's own, or that of the button."""
    if _tem_pagina():
        return _com_digitado(request.full_path)
    return _com_digitado((_voltar() or "/").removeprefix(request.host_url.rstrip("/")))


def _com_digitado(endereco: str) -> str:
    """The page of a form, to which crm.js gives back what was typed."""
    return f"{endereco.rstrip('?')}{'&' if '?' in endereco.rstrip('?') else '?'}_digitado=1"


def _tem_pagina() -> bool:
    """Whether the address of a form that was sent is also that of a page."""
    enderecos = current_app.create_url_adapter(request)
    try:
        return enderecos is not None and bool(enderecos.match(method="GET"))
    except HTTPException:
        return False


def _dominio(erro: DominioError) -> ResponseReturnValue:
    log.info("refused code=%s data=%s", erro.codigo, erro.dados)
    return pagina(erro.status_http, detalhe=str(erro))


def _inesperado(erro: Exception) -> ResponseReturnValue:
    """Documented boundary: whatever nobody foresaw is logged with a reference the person can read out."""
    log.error("unexpected error reference=%s path=%s", request_id(), request.path, exc_info=erro)
    return pagina(500)


def init_app(app: Flask) -> None:
    """Register the handlers. In testing and debugging unexpected errors propagate as Flask does by default."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(DominioError, _dominio)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SecurityError, _outro_nome)
    if not (app.debug or app.testing):
        app.register_error_handler(Exception, _inesperado)
