"""``python -m tests.notificacoes.processo_limpo USER INVOICE``: the texts of messages as a process finds them that has only made the application.

The tests' own process has prepared a database, which imports more than a server does. Prints JSON: the list, each text's preview, the answer to an
unknown field, and the invoice's page with the messages in its history. ``B`` and ``R``: addresses of the database and of Redis.
"""

from __future__ import annotations

import json
import os
import sys

from tests.conftest import Navegador, fazer_app

ERRADO = {"assunto": "Recebemos {{ bobagem }}", "corpo": "{{ nome }}", "ativo": "y"}


def main(usuario: str, invoice: str) -> None:
    """Sign in and look."""
    app = fazer_app(os.environ["B"], os.environ["R"], WTF_CSRF_ENABLED=False)
    app.test_client_class = Navegador
    http = app.test_client()
    http.entrar(usuario)
    previas, numero = [], 1
    while (resposta := http.get(f"/mensagens/modelos/{numero}/previa")).status_code == 200:
        previas.append(resposta.text)
        numero += 1
    recusa = http.post("/mensagens/modelos/edit/4", data=ERRADO).text
    lista, fatura = (http.get(caminho).text for caminho in ("/mensagens/modelos/list/", f"/faturamento/{invoice}"))
    sys.stdout.write(json.dumps({"lista": lista, "previas": previas, "recusa": recusa, "fatura": fatura}))


if __name__ == "__main__":
    main(*sys.argv[1:])
