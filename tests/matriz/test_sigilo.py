"""Personal data are on no page, in no answer and in no file of a person without the right to see them, whatever else that person may do.

The routes come from the URL map: a new screen or API that shows a document fails here without anybody writing a test for it.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import PermissionView, Role, ViewMenu
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.bloqueio.models import Bloqueio, MotivoBloqueio
from app.clientes.models import Cliente, Contato
from app.clientes.services import ClienteService
from app.contratos.models import Contrato
from app.core import sigilo
from app.core.models import FiltroSalvo
from app.core.transacao import transacao
from app.integracoes.models import Importacao
from app.integracoes.services import ImportacaoService
from app.notificacoes.models import Canal, EnvioMensagem, Notificacao, OptOut, ResultadoTentativa
from app.portal.services import PortalService
from tests import fabricas as f
from tests.matriz.mapa import NINGUEM, rotas
from tests.matriz.test_matriz import entrar

CHAVE = 777_777      # the key of every marked row, so that any address leads to one
CPF, FONE, CELULAR, CORREIO, NOME = "52998224725", "1932017788", "19912340987", "marcada.segredo@exemplo.com.br", "Marcada da Silva"
MARCAS = (CPF, "529.982.247-25", FONE, "3201-7788", CELULAR, "91234-0987", CORREIO, "07/03/1979", "1979-03-07", "MG-12.345.678")
# documents that carry the data by law: who may open them is another right
DOCUMENTOS = {"InvoiceView.pdf", "InvoiceApi.pdf", "PagamentoView.recibo", "NotificacaoView.anexo"}
OUTROS = {"EntradaView.logout", "static", "appbuilder.static", "arquivo"}


def marcar(s: Session) -> None:
    """A customer, and everything that could tell his data."""
    s.add(Cliente(id=CHAVE, nome=NOME, cpf_cnpj=CPF, rg_ie="MG-12.345.678", telefone=FONE, whatsapp=CELULAR, email=CORREIO,
                  data_nascimento=f.dt.date(1979, 3, 7), observacoes=f"Ligar para {CELULAR} ou escrever para {CORREIO}, CPF 529.982.247-25"))
    s.flush()
    s.add(Contato(id=CHAVE, cliente_id=CHAVE, nome="Irmã", email=CORREIO, telefone=CELULAR))
    contrato = f.um_contrato(s, id=CHAVE, cliente_id=CHAVE)
    f.uma_invoice(s, id=CHAVE, contrato=contrato, observacoes=f"Paga por {CPF}")
    aviso = {"chave": f"marcada:{CHAVE}", "evento": "invoice_vencida", "canal": Canal.email, "destinatario": CORREIO, "cliente_id": CHAVE}
    s.add(Notificacao(id=CHAVE, **aviso, assunto=f"Aviso a {CPF}", corpo=f"<p>CPF {CPF}, {CORREIO}, {CELULAR}</p>"))
    tentativa = {"canal": Canal.email, "por": "smtp", "resultado": ResultadoTentativa.permanente, "resposta": f"550 <{CORREIO}> unknown"}
    s.add(EnvioMensagem(id=CHAVE, notificacao_id=CHAVE, **tentativa))
    s.add(OptOut(id=CHAVE, canal=Canal.email, destinatario=CORREIO, motivo=f"pediu {CORREIO}"))
    s.add(Bloqueio(id=CHAVE, contrato_id=CHAVE, motivo=MotivoBloqueio.manual, aviso_destinatario=CORREIO, explicacao=f"avisado em {CELULAR}"))
    PortalService(s).dar_acesso(CHAVE)
    ClienteService(s).anotar(CHAVE, f"Falei com {CELULAR}, CPF {CPF}")
    ImportacaoService(s).receber("m.csv", f"nome;cpf;telefone;email\n{NOME};{CPF};{CELULAR};{CORREIO}\n".encode())
    s.add(FiltroSalvo(visao="ClienteView", nome="CPF da Marcada", consulta=f"_flt_1_cpf_cnpj={CPF}"))
    s.add(FiltroSalvo(visao="InvoiceView", nome="Da Marcada", consulta=f"q={CPF}"))
    s.flush()


@pytest.fixture
def curioso(app: Flask, http: FlaskClient) -> tuple[FlaskClient, dict[str, str]]:
    """Somebody who may do everything but see personal data, and a base with marked ones."""
    with app.app_context(), transacao() as s:
        marcar(s)
        de_fora = select(PermissionView).join(ViewMenu).where(ViewMenu.name != sigilo.VISAO)
        s.add(Role(name="Curioso", permissions=list(s.scalars(de_fora))))
        s.flush()
    return http, entrar(app, http, "Curioso")


def importacao(app: Flask) -> int:
    """The key of the file that was sent to be imported."""
    with app.app_context(), transacao() as s:
        return s.scalar(select(func.max(Importacao.id)))


def lidas(app: Flask) -> Iterator[tuple[str, bool, str]]:
    """Every address that can be read, of the marked rows."""
    for r in rotas(app):
        if r.metodo == "GET" and r.endpoint not in DOCUMENTOS | OUTROS:
            chave = importacao(app) if r.dona == "ImportarClientesView" else CHAVE
            caminho = r.caminho.replace(str(NINGUEM), str(chave))
            yield caminho, r.api, r.endpoint
            if caminho.endswith("/csv"):
                yield caminho.removesuffix("csv") + "xlsx", r.api, r.endpoint
    yield f"/busca/?q={NOME.split()[0]}", False, "busca"
    yield f"/opcoes/cliente?q={NOME.split()[0]}", False, "opcoes"


def texto_de(resposta: object) -> str:
    """What an answer says, also inside a workbook."""
    if resposta.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(resposta.data)) as pacote:
            return " ".join(pacote.read(nome).decode(errors="replace") for nome in pacote.namelist())
    texto = resposta.data.decode(errors="replace")
    return json.dumps(resposta.json, ensure_ascii=False) if resposta.is_json else texto


def test_no_page_answer_or_file_shows_what_the_person_may_not_see(app: Flask, curioso: tuple[FlaskClient, dict[str, str]]) -> None:
    http, ficha = curioso
    vazados, com_ela = [], 0
    for caminho, api, endpoint in lidas(app):
        resposta = http.get(caminho, headers=ficha if api else {})
        texto = texto_de(resposta)
        resposta.close()
        com_ela += NOME in texto
        vazados += [f"{caminho} ({endpoint}): {marca}" for marca in MARCAS if re.search(rf"(?<!\d){re.escape(marca)}", texto)]
    assert not vazados, "\n".join(vazados)
    assert com_ela > 15      # the pages are hers, and not refusals


def test_who_has_the_right_sees_them_in_lists_pages_and_files(app: Flask, http: FlaskClient) -> None:
    with app.app_context(), transacao() as s:
        marcar(s)
    ficha = entrar(app, http, "Atendente")
    for caminho in ("/clientes/list/", f"/clientes/{CHAVE}", "/clientes/exportar/csv", f"/opcoes/cliente?q={CPF}", f"/busca/?q={CPF}"):
        assert "529.982.247-25" in http.get(caminho).text, caminho
    assert http.get(f"/api/v1/cliente/{CHAVE}", headers=ficha).json["result"]["cpf_cnpj"] == CPF
    assert "529.982.247-25" in http.get("/clientes/list/?_flt_1_cpf_cnpj=" + CPF).text


def test_a_technician_calls_his_customers_and_sees_no_document(app: Flask, http: FlaskClient) -> None:
    with app.app_context(), transacao() as s:
        marcar(s)
    ficha = entrar(app, http, "Tecnico")
    pagina = http.get(f"/clientes/{CHAVE}").text
    assert "(19) 3201-7788" in pagina and "tel:+551932017788" in pagina
    assert "•••.982.247-••" in pagina and CPF not in pagina and CORREIO not in pagina
    cliente = http.get(f"/api/v1/cliente/{CHAVE}", headers=ficha).json["result"]
    assert (cliente["telefone"], cliente["cpf_cnpj"], cliente["email"]) == (FONE, "•••.982.247-••", "m•••@exemplo.com.br")
    assert NOME in http.get(f"/clientes/list/?q={FONE}").text


@pytest.mark.parametrize("consulta", ["q=52998224725", "q=529.982", "q=marcada.segredo", "_flt_0_cpf_cnpj=529", "_flt_0_email=marcada", "_flt_7_email=nao"])
def test_no_search_or_filter_of_a_list_tells_a_document(app: Flask, curioso: tuple[FlaskClient, dict[str, str]], consulta: str) -> None:
    http, _ficha = curioso
    resposta = http.get(f"/clientes/list/?{consulta}", follow_redirects=True)
    assert f"/clientes/{CHAVE}" not in resposta.text
    for caminho in ("/opcoes/cliente", "/busca/", "/faturamento/list/", "/rede/acessos/list/") if consulta.startswith("q=") else ():
        assert NOME not in http.get(f"{caminho}?{consulta}").text, caminho


def test_the_api_neither_filters_nor_orders_nor_writes_by_what_is_masked(app: Flask, curioso: tuple[FlaskClient, dict[str, str]]) -> None:
    http, ficha = curioso
    for coluna in ("cpf_cnpj", "email", "telefone"):
        consulta = f"(filters:!((col:{coluna},opr:sw,value:'5')))"
        assert http.get(f"/api/v1/cliente/?q={consulta}", headers=ficha).status_code == 400, coluna
    assert not {"cpf_cnpj", "email", "telefone"} & set(http.get("/api/v1/cliente/_info", headers=ficha).json["filters"])
    recusa = http.put(f"/api/v1/cliente/{CHAVE}", headers=ficha, json={"email": "m•••@exemplo.com.br", "nome": "Outra"})
    assert (recusa.status_code, recusa.json["campos"]) == (403, ["email"])
    assert http.put(f"/api/v1/cliente/{CHAVE}", headers=ficha, json={"nome": "Marcada de Souza"}).status_code == 200


def test_what_is_of_the_provider_and_what_the_service_needs_stay_open(app: Flask, curioso: tuple[FlaskClient, dict[str, str]]) -> None:
    http, ficha = curioso
    with app.app_context(), transacao() as s:
        s.get(Contrato, CHAVE).login_pppoe = CPF
        empresa = f.uma_empresa(s).id
    pagina = http.get(f"/empresas/show/{empresa}").text
    assert "11.222.333/0001-81" in pagina and "financeiro@exemplo.com.br" in pagina
    assert http.get(f"/api/v1/contrato/{CHAVE}", headers=ficha).json["result"]["login_pppoe"] == CPF      # it is typed into the modem


def test_an_edit_form_leaves_out_what_is_masked_and_keeps_it(app: Flask, curioso: tuple[FlaskClient, dict[str, str]]) -> None:
    http, _ficha = curioso
    pagina = http.get(f"/clientes/edit/{CHAVE}").text
    assert 'name="nome"' in pagina and not any(f'name="{campo}"' in pagina for campo in ("cpf_cnpj", "email", "observacoes"))
    http.post(f"/clientes/edit/{CHAVE}", data={"nome": "Marcada de Souza", "cpf_cnpj": "11144477735", "email": "x@exemplo.com.br"})
    with app.app_context(), transacao() as s:
        cliente = s.get(Cliente, CHAVE)
        assert (cliente.nome, cliente.cpf_cnpj, cliente.email) == ("Marcada de Souza", CPF, CORREIO)
        assert CELULAR in cliente.observacoes
