"""The whole life of a customer through the API alone: every noun listed, filtered, got and acted on, every verb called, all of it in the document.

A new table of the domain fails here until it is a noun or says why it is none; a new API or verb, until the story calls it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask_appbuilder.api import BaseApi
from sqlalchemy import select, update

from app.bloqueio.models import MotivoBloqueio
from app.bloqueio.services import BloqueioService
from app.brasil.documentos import gerar_cpf
from app.contratos.models import Contrato
from app.core import relogio
from app.core.transacao import transacao
from app.extensions import db
from app.faturamento.models import ClienteEstacionado, Cobranca, Credito, ExecucaoFaturamento, LoteFaturamento
from app.notificacoes.models import Canal, CanalEnvio, EnvioMensagem, Notificacao, ResultadoTentativa, StatusNotificacao
from app.rede.models import AcessoRede, EventoRede
from tests import fabricas as f
from tests.matriz.mapa import rotas
from tests.matriz.tabela import ESPECIAIS
from tests.programas import caminhos_da_api, programa

HOJE = dt.date(2026, 11, 25)
DOMINIO = ("clientes", "planos", "contratos", "faturamento", "notificacoes", "rede", "bloqueio")
SEM_API = {
    "acesso_dado_pessoal": "who looked at whom: the administrator's screen only",
    "acesso_portal": "accounts of people: screens of users have no API",
    "copia_emitente": "the issuer as printed on its invoices: part of invoice",
}


class Diario:
    """A program that remembers which (endpoint, method) it was answered 2xx by."""

    def __init__(self, app: Any) -> None:
        self.app, self._chamar, self.feitos = app, programa(app), set()

    def __call__(self, metodo: str, caminho: str, espera: int | tuple[int, ...] = (200, 201, 202), **kw: Any) -> Any:
        """The answer's JSON (or its bytes); fails with the refusal when the status is another."""
        resposta = self._chamar(metodo, caminho, **kw)
        assert resposta.status_code in ((espera,) if isinstance(espera, int) else espera), f"{metodo} {caminho}: {resposta.status_code} {resposta.text[:400]}"
        if resposta.status_code < 300:
            mapa = self.app.url_map.bind("localhost")
            self.feitos.add((mapa.match(f"/api/v1{caminho.split('?')[0]}", method=metodo)[0], metodo))
        return resposta.json if resposta.is_json else resposta.data

    def criar(self, recurso: str, **corpo: Any) -> int:
        """POST a noun; its key."""
        return self("POST", f"/{recurso}/", json=corpo)["id"]


@pytest.fixture
def api(app, em_dia: None) -> Diario:
    return Diario(app)


@pytest.fixture
def em_dia() -> Iterator[None]:
    """The clock stands on ``HOJE`` at noon."""
    with relogio.mover_para(relogio.instante(HOJE)):
        yield


ENDERECO = {"tipo": "instalacao", "cep": "13010000", "logradouro": "Rua B", "numero": "2", "municipio": "Campinas", "uf": "SP"}
PLANO = {"download_mbps": 500, "upload_mbps": 250}


def cadastrar(api: Diario) -> dict[str, int]:
    """A customer with what belongs to him, a plan with an additional service, and the places of the network."""
    n = {"plano": api.criar("plano", nome="Fibra 500", preco="100.00", **PLANO), "outro": api.criar("plano", nome="Fibra 900", preco="150.00", **PLANO),
         "adicional": api.criar("adicional", nome="IP fixo", preco="25.00"),
         "cliente": api.criar("cliente", nome="Ana Lima", cpf_cnpj=gerar_cpf(51), email="ana@exemplo.com.br")}
    api("PUT", f"/plano/{n['plano']}", json={"fidelidade_meses": 12})
    api("PUT", f"/adicional/{n['adicional']}", json={"preco": "30.00"})
    api("PUT", f"/cliente/{n['cliente']}", json={"nome": "Ana Maria Lima"})
    api("POST", f"/cliente/{n['cliente']}/anotar", json={"texto": "Prefere ser chamada à tarde."})
    n["endereco"] = api.criar("endereco", cliente=n["cliente"], **ENDERECO)
    api("PUT", f"/endereco/{n['endereco']}", json={"numero": "20"})
    n["contato"] = api.criar("contato", cliente=n["cliente"], nome="Bia", papel="Irmã", email="bia@exemplo.com.br", telefone="19987654321")
    api("PUT", f"/contato/{n['contato']}", json={"papel": "Mãe"})
    n["consentimento"] = api.criar("consentimento", cliente=n["cliente"], canal="whatsapp", finalidade="Ofertas", concedido=True, origem="Loja")
    n["pop"] = api.criar("pop", nome="Centro", municipio="Campinas", uf="SP")
    api("PUT", f"/pop/{n['pop']}", json={"nome": "Centro 1"})
    n["servidor"] = api.criar("servidor", nome="BRAS", ip="10.0.0.1", tipo="simulado")
    api("PUT", f"/servidor/{n['servidor']}", json={"nome": "BRAS 1"})
    api("POST", f"/servidor/{n['servidor']}/segredo", json={"segredo": "s3gredo"})
    n["incidente"] = api.criar("incidente", titulo="Rompimento de fibra", municipio="Campinas")
    api("PUT", f"/incidente/{n['incidente']}", json={"titulo": "Rompimento na Rua B"})
    api("POST", f"/incidente/{n['incidente']}/encerrar")
    n["opt_out"] = api.criar("opt_out", canal="email", destinatario="outro@exemplo.com.br", motivo="pediu")
    n["ciclo"] = api.criar("ciclo", nome="Quinzenal", meses=None, dias=15, ativo=True)
    api("PUT", f"/ciclo/{n['ciclo']}", json={"nome": "Quinzenal antigo", "ativo": False})
    n["politica"] = api.criar("politica_cobranca", nome="Empresas", padrao=False, dias_bloqueio=20)
    api("PUT", f"/politica_cobranca/{n['politica']}", json={"dias_bloqueio": 25})
    return n


def contratar(api: Diario, n: dict[str, int]) -> None:
    """A contract from draft to active, with an additional service; paused and resumed."""
    n["contrato"] = api("POST", "/contrato/criar", json={
        "cliente_id": n["cliente"], "plano_id": n["plano"], "data_inicio": "2026-11-01", "endereco_instalacao_id": n["endereco"], "login_pppoe": "ana"})["id"]
    n["contrato_item"] = api.criar("contrato_item", contrato=n["contrato"], adicional=n["adicional"], de="2026-11-01")      # at the service's own price
    criado = api("GET", f"/contrato_item/{n['contrato_item']}")["result"]
    assert (criado["preco"], criado["quantidade"]) == ("30.00", 1)
    api("PUT", f"/contrato_item/{n['contrato_item']}", json={"ate": "2027-10-31"})
    ativo = api("POST", f"/contrato/{n['contrato']}/ativar", json={"em": "2026-11-01", "dia_vencimento": 1})["result"]
    assert ativo["status"] == "ativo"
    assert api("PUT", f"/contrato/{n['contrato']}", json={"bloqueio_automatico": "N"})["result"]["bloqueio_automatico"] == "N"
    api("PUT", f"/contrato/{n['contrato']}", json={"bloqueio_automatico": "P"})
    api("PUT", f"/contrato/{n['contrato']}", espera=422, json={"preco": "1.00"})
    api("POST", f"/contrato/{n['contrato']}/ativar", espera=409, json={"dia_vencimento": 1})
    api("POST", f"/contrato/{n['contrato']}/ativar", espera=400, json={"dia_vencimento": 32})
    suspenso = api("POST", f"/contrato/{n['contrato']}/suspender", json={})["result"]
    assert suspenso["status"] == "suspenso"
    assert api("POST", f"/contrato/{n['contrato']}/retomar", json={"em": "2026-11-25"})["result"]["status"] == "ativo"


def faturar(api: Diario, n: dict[str, int]) -> None:
    """One-off charges, the preview, the run as a task, stopped; an invoice by hand, paid, reversed and cancelled."""
    cobranca = {"cliente_id": n["cliente"], "descricao": "Taxa de visita", "valor": "50.00", "a_partir_de": "2026-11-25"}
    n["lancamento"], sobra = api("POST", "/lancamento/lancar", json={**cobranca, "parcelas": 2})["ids"]
    api("POST", f"/lancamento/{sobra}/cancelar", json={"motivo": "cortesia"})
    previa = api("POST", "/execucao_faturamento/previa", json={"referencia": "2026-11-25"})["result"]
    assert api("POST", "/execucao_faturamento/rodar", espera=422, json={"referencia": "2026-12-01"})["codigo"] == "emissao_futura"
    n["execucao_faturamento"] = api("POST", "/execucao_faturamento/rodar", json={"referencia": "2026-11-25"})["id"]
    linha = api("GET", f"/execucao_faturamento/{n['execucao_faturamento']}")["result"]
    assert (linha["esperado"], linha["valor_esperado"], linha["origem"]) == (previa["quantidade"], previa["valor"], "api")
    assert api("POST", "/execucao_faturamento/rodar", espera=422, json={})["codigo"] == "rodada_em_andamento"
    api("POST", f"/execucao_faturamento/{n['execucao_faturamento']}/parar")
    corpo = {"cliente_id": n["cliente"], "vencimento": "2026-11-30", "itens": [{"descricao": "Roteador", "valor_unitario": "100.00"}]}
    n["invoice"] = api("POST", "/invoice/gerar", json=corpo)["id"]
    assert api("GET", f"/invoice/{n['invoice']}/pdf")[:5] == b"%PDF-"
    devido = api("GET", f"/invoice/{n['invoice']}/valor")["result"]
    assert (devido["total"], devido["pix_copia_e_cola"][:6]) == ("100.00", "000201")
    pago = {"valor": "130.00", "metodo": "pix", "referencia": "E2E-1", "data": "2026-11-25"}
    assert api("POST", f"/invoice/{n['invoice']}/pagar", json=pago)["result"]["status"] == "paga"
    assert api("POST", f"/invoice/{n['invoice']}/pagar", json=pago)["repetido"]
    api("POST", f"/invoice/{n['invoice']}/pagar", espera=409, json={**pago, "valor": "50.00"})
    recebido = {"invoice_id": n["invoice"]}
    n["pagamento"] = _primeiro(api, "pagamento", recebido)["id"]
    assert len(_filtrar(api, "pagamento", recebido)) == 1, "the same reference again is the same payment"
    n["credito"] = _primeiro(api, "credito", {"cliente_id": n["cliente"]})["id"]
    assert api("POST", f"/pagamento/{n['pagamento']}/estornar", json={"motivo": "devolvido pelo banco"})["result"]["status"] == "estornado"
    avulsa = api("POST", "/invoice/gerar", json=corpo)["id"]
    api("POST", f"/invoice/{avulsa}/pagar", json={**pago, "referencia": "E2E-2"})
    sobra = max(c["id"] for c in _filtrar(api, "credito", {"cliente_id": n["cliente"]}))      # R$ 30,00 too much
    menor = {**corpo, "itens": [{"descricao": "Cabo", "valor_unitario": "12.00"}]}
    cabo = api("POST", "/invoice/gerar", json=menor)["id"]
    abatido = api("POST", f"/credito/{sobra}/aplicar", json={"invoice_id": cabo})
    assert (abatido["abatido"], abatido["result"]["saldo"], api("GET", f"/invoice/{cabo}")["result"]["status"]) == ("12.00", "18.00", "paga")
    api("POST", f"/credito/{sobra}/aplicar", espera=409, json={"invoice_id": cabo})
    assert api("POST", f"/credito/{sobra}/devolver", json={"motivo": "a pedido", "referencia": "pix-77"})["result"]["saldo"] == "0.00"
    api("POST", f"/credito/{sobra}/devolver", espera=422, json={"motivo": "a pedido", "referencia": "pix-77"})
    dado = api("POST", "/credito/dar", json={"cliente_id": n["cliente"], "valor": "0.01", "motivo": "cortesia"})
    assert (dado["result"]["saldo"], dado["result"]["motivo"]) == ("0.01", "cortesia")
    api("POST", "/credito/dar", espera=404, json={"cliente_id": 999_999_999, "valor": "5.00", "motivo": "cortesia"})
    api("POST", f"/credito/{dado['id']}/devolver", json={"motivo": "engano", "referencia": "nenhuma"})
    avulsa = api("POST", "/invoice/gerar", json=corpo)["id"]
    api("POST", f"/invoice/{avulsa}/registrar_aviso", espera=422, json={"motivo": "telefone"})
    assert api("POST", f"/invoice/{avulsa}/cancelar", json={"motivo": "emitida por engano"})["result"]["status"] == "cancelada"
    nova = api("POST", f"/invoice/{avulsa}/reemitir")
    assert (nova["result"]["valor_total"], nova["result"]["status"]) == ("100.00", "emitida")
    api("POST", f"/invoice/{avulsa}/reemitir", espera=409)
    api("POST", f"/invoice/{nova['id']}/reenviar")


def bloquear(api: Diario, n: dict[str, int]) -> None:
    """Blocked and released by hand; the access asked for again."""
    n["bloqueio"] = api("POST", "/bloqueio/bloquear", json={"contrato_id": n["contrato"], "explicacao": "pedido da polícia"})["id"]
    n["acesso_rede"] = _primeiro(api, "acesso_rede", {"contrato_id": n["contrato"]})["id"]
    api("POST", f"/acesso_rede/{n['acesso_rede']}/reaplicar")
    mudado = api("POST", f"/acesso_rede/{n['acesso_rede']}/mudar_servidor", json={"servidor_id": n["servidor"]})["result"]
    assert mudado["servidor_id"] == n["servidor"]
    api("POST", f"/acesso_rede/{n['acesso_rede']}/mudar_servidor", espera=400, json={"servidor_id": 999_999_999})
    api("POST", f"/bloqueio/{n['bloqueio']}/desbloquear", json={"explicacao": "resolvido"})
    assert api("POST", "/bloqueio/previa", json={})["result"]["eleitos"] == []
    assert api("POST", "/bloqueio/executar", json={"confirmado": True})["tarefa_id"]


def avisar(app: Any, api: Diario, n: dict[str, int]) -> None:
    """A message sent again and cancelled, a text changed, an address no longer refused."""
    with app.app_context(), transacao() as s:
        vencida = f.uma_invoice(s, contrato=s.get(Contrato, n["contrato"])).id
    assert api("POST", f"/invoice/{vencida}/registrar_aviso", json={"motivo": "por telefone, com Maria"})["notificacao_id"]
    with app.app_context(), transacao() as s:
        dados = {"evento": "aviso", "chave": "k", "canal": Canal.email, "destinatario": "ana@exemplo.com.br", "status": StatusNotificacao.falha, "anexos": []}
        n["notificacao"] = f.gravar(s, Notificacao(**dados, dados={}, quando=relogio.agora(), cliente_id=n["cliente"])).id
        n["canal_envio"] = f.gravar(s, CanalEnvio(canal=Canal.sms, parado_em=relogio.agora(), motivo="401")).id
    api("POST", f"/canal_envio/{n['canal_envio']}/retomar")
    api("POST", f"/notificacao/{n['notificacao']}/reenviar")
    api("POST", f"/notificacao/{n['notificacao']}/cancelar", json={"motivo": "engano"})
    n["modelo_mensagem"] = _primeiro(api, "modelo_mensagem", {"evento": "fatura_emitida"})["id"]
    api("PUT", f"/modelo_mensagem/{n['modelo_mensagem']}", json={"corpo": "Olá {{ nome }}"})


def estacionar(app: Any, api: Diario, n: dict[str, int]) -> None:
    """A parked customer is tried again; a run that a stopped task left is closed first."""
    n["ciclo_faturamento"] = _primeiro(api, "ciclo_faturamento", {"cliente_id": n["cliente"]})["id"]
    with app.app_context(), transacao() as s:
        s.execute(update(ExecucaoFaturamento).values(parar=True))
        estacionado = ClienteEstacionado(cliente_id=n["cliente"], ciclo_faturamento_id=n["ciclo_faturamento"], vencimento=HOJE, motivo="sem endereço")
        n["cliente_estacionado"] = f.gravar(s, estacionado).id
        BloqueioService(s).bloquear(n["contrato"], MotivoBloqueio.inadimplencia, None, em=relogio.agora(), explicacao="10 dias de atraso")
    confianca = api("POST", "/desbloqueio_confianca/dar", json={"contrato_id": n["contrato"], "dias": 2})
    n["desbloqueio_confianca"] = confianca["id"]
    assert _primeiro(api, "bloqueio", {"contrato_id": n["contrato"], "motivo": "inadimplencia"})["liberado_ate"] == confianca["result"]["ate"]
    api("POST", "/desbloqueio_confianca/dar", espera=422, json={"contrato_id": n["contrato"]})
    feito = api("POST", f"/cliente_estacionado/{n['cliente_estacionado']}/tentar_de_novo")
    assert feito["result"]["resolvido_em"]
    assert api("POST", f"/ciclo_faturamento/{n['ciclo_faturamento']}/faturar", json={})["ids"] == [], "nothing more is due"
    n["item_invoice"] = _primeiro(api, "item_invoice", {"contrato_id": n["contrato"]})["id"] if feito["ids"] else _qualquer(api, "item_invoice")["id"]


def trabalhar(app: Any, n: dict[str, int]) -> None:
    """What workers write about their work, and a charge as a gateway would (there is none yet)."""
    with app.app_context(), transacao() as s:
        f.gravar(s, EventoRede(contrato_id=n["contrato"], servidor_id=n["servidor"], acao="bloqueado", ok=True, detalhe="feito"))
        f.gravar(s, EnvioMensagem(notificacao_id=n["notificacao"], canal=Canal.email, por="smtp", resultado=ResultadoTentativa.enviada, resposta="250 ok"))
        f.gravar(s, LoteFaturamento(execucao_id=n["execucao_faturamento"], invoices=1, valor=100, duracao_ms=20))
        f.gravar(s, Cobranca(invoice_id=n["invoice"], gateway="falso", transacao_id="t-1", valor=100, chave_idempotencia="k-1"))


def encerrar(api: Diario, n: dict[str, int]) -> None:
    """The plan changes, the contract ends, and what nothing points to is deleted."""
    mudado = api("POST", f"/contrato/{n['contrato']}/mudar_plano", json={"plano_id": n["outro"], "preco": "140.00"})["result"]
    assert (mudado["plano_id"], mudado["preco"]) == (n["outro"], "140.00")
    n["contrato_historico"] = _primeiro(api, "contrato_historico", {"contrato_id": n["contrato"]})["id"]
    api("POST", f"/contrato/{n['contrato']}/encerrar", espera=400, json={})
    assert api("POST", f"/contrato/{n['contrato']}/encerrar", json={"motivo": "mudou de cidade"})["result"]["status"] == "cancelado"


def apagar(api: Diario) -> None:
    """Nouns that may be deleted, made for it."""
    sobras = {
        "plano": {"nome": "Sobra", "preco": "1.00", **PLANO}, "adicional": {"nome": "Sobra", "preco": "1.00"},
        "pop": {"nome": "Sobra", "municipio": "Campinas", "uf": "SP"}, "servidor": {"nome": "Sobra", "ip": "10.9.9.9", "tipo": "simulado"},
        "incidente": {"titulo": "Sobra", "municipio": "Campinas"}, "opt_out": {"canal": "email", "destinatario": "s@exemplo.com.br", "motivo": "x"},
        "ciclo": {"nome": "Sobra", "meses": 7, "dias": 210, "ativo": False},
    }
    for recurso, corpo in sobras.items():
        chave = api.criar(recurso, **corpo)
        api("DELETE", f"/{recurso}/{chave}")
        api("GET", f"/{recurso}/{chave}", espera=404)


def _filtrar(api: Diario, recurso: str, iguais: dict[str, Any]) -> list[dict]:
    filtros = ",".join(f"(col:{c},opr:eq,value:{_rison(v)})" for c, v in iguais.items())
    return api("GET", f"/{recurso}/?q=(filters:!({filtros}),page_size:100)")["result"]


def _rison(valor: Any) -> str:
    if isinstance(valor, bool):
        return "'true'" if valor else "'false'"
    return str(valor) if isinstance(valor, int) else "'" + str(valor).replace("!", "!!").replace("'", "!'").replace("+", "%2B") + "'"


def _primeiro(api: Diario, recurso: str, iguais: dict[str, Any]) -> dict:
    achados = _filtrar(api, recurso, iguais)
    assert achados, f"no {recurso} with {iguais}"
    return achados[0]


def _qualquer(api: Diario, recurso: str) -> dict:
    return api("GET", f"/{recurso}/")["result"][0]


def percorrer(app: Any, api: Diario) -> None:
    """Every noun: its description, its list, each of its filters with a value it has, and one row."""
    for noun in _substantivos(app):
        recurso = noun.resource_name
        api("GET", f"/{recurso}/_info")
        linha = _qualquer(api, recurso)
        assert api("GET", f"/{recurso}/{linha['id']}")["result"]["id"] == linha["id"]
        for coluna in noun.search_columns:
            valor = linha.get(coluna)
            if valor is None or coluna not in noun.list_columns:
                continue
            achadas = _filtrar(api, recurso, {coluna: valor})
            assert linha["id"] in [a["id"] for a in achadas], f"{recurso}.{coluna} = {valor}"
            assert {a[coluna] for a in achadas} == {valor}, f"{recurso}.{coluna} = {valor}"


def _substantivos(app: Any) -> list[Any]:
    return [v for v in app.appbuilder.baseviews if isinstance(v, BaseApi) and hasattr(v, "datamodel") and "get_list" not in (v.exclude_route_methods or ())]


@pytest.fixture
def contada(app, api: Diario) -> Diario:
    """The story, told."""
    with app.app_context(), transacao() as s:
        f.uma_empresa(s)
    n = cadastrar(api)
    for capitulo in (contratar, faturar, bloquear):
        capitulo(api, n)
    avisar(app, api, n)
    estacionar(app, api, n)
    trabalhar(app, n)
    encerrar(api, n)
    percorrer(app, api)
    apagar(api)
    api("DELETE", f"/contato/{n['contato']}")
    return api


def test_every_table_of_the_domain_is_a_noun(app) -> None:
    tabelas = {m.local_table.name for m in db.Model.registry.mappers if m.class_.__module__.split(".")[1] in DOMINIO}
    nomes = {noun.datamodel.obj.__tablename__ for noun in _substantivos(app)}
    assert len(tabelas) > 30 and sorted(tabelas - nomes - set(SEM_API)) == []
    assert set(SEM_API) <= tabelas - nomes, "the reason is of no use any more"


def test_every_noun_and_verb_was_called_and_answered(app, contada: Diario) -> None:
    todas = {(r.endpoint, r.metodo) for r in rotas(app) if r.api and r.endpoint not in ESPECIAIS and r.dona not in ESPECIAIS}
    assert sorted(todas - contada.feitos) == []


def test_every_noun_and_verb_is_in_the_document(app) -> None:
    documento = caminhos_da_api(app)
    caminhos: set[str] = set()
    for regra in app.url_map.iter_rules():
        dona = regra.endpoint.rpartition(".")[0]
        if regra.rule.startswith("/api/v1/") and dona not in ESPECIAIS:
            caminhos.add(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", regra.rule))
    assert sorted(caminhos - documento) == []


def test_the_money_of_the_story_is_right(app, contada: Diario) -> None:
    with app.app_context(), transacao() as s:
        saldo = s.scalar(select(Credito.saldo).order_by(Credito.id).limit(1))
        desejados = [a.desejado.name for a in s.scalars(select(AcessoRede))]
    assert saldo == 0, "reversing an overpayment takes its credit back"
    assert desejados == ["encerrado"]
