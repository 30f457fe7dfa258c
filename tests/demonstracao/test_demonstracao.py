"""The demonstration: repeatable, valid, and with the books of a real provider."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import text

from app.brasil.documentos import cnpj_valido, cpf_valido
from app.core import filas, relogio
from app.demonstracao import assinantes
from app.demonstracao.simulador import BaseOcupada, simular
from app.extensions import db
from tests.conftest import copiar_banco, desligar, fazer_app

HOJE = dt.date(2026, 8, 20)      # a Thursday long ago: the wall clock is seen at once
TAMANHO = {"clientes": 80, "meses": 3, "hoje": HOJE}
TABELAS = (
    "empresa", "plano", "adicional", "pop", "servidor", "incidente", "cliente", "endereco", "contrato", "contrato_item", "contrato_historico",
    "ciclo_faturamento", "contrato_ciclo", "execucao_faturamento", "lote_faturamento", "cliente_estacionado", "invoice", "item_invoice", "pagamento",
    "credito", "lancamento", "bloqueio", "desbloqueio_confianca", "acesso_rede", "evento_rede", "evento", "notificacao", "envio_mensagem", "numeracao",
    "user_audit_log",
)
FORA = {      # a secret in its cipher, how long a lot took, what the bulk engine leaves to the database's clock, the order within one flush
    "contrato": {"senha_pppoe"}, "lote_faturamento": {"duracao_ms"}, "cliente_estacionado": {"updated_at"}, "user_audit_log": {"id"},
}
DA_HISTORIA = {"user_audit_log": "AND resource = ANY(:t)"}
PREVISTOS = {("incidente", "inicio"), ("incidente", "previsao"), ("desbloqueio_confianca", "ate"), ("acesso_rede", "proxima")}      # of what is to come
RARO = {"PAUSA": 0.06, "FILIAIS": 0.5}      # chances of what a base this small would not see


@dataclass
class Provedor:
    """A loaded base: its application and what the story said."""

    app: Flask
    contagens: dict[str, int] = field(default_factory=dict)


def carregar(servidores, url_modelo, nome: str, **tamanho: object) -> Provedor:
    """The story in a database of its own."""
    provedor = Provedor(fazer_app(copiar_banco(servidores, url_modelo, nome), servidores.redis_a_parte(6)))
    with provedor.app.app_context():
        with pytest.MonkeyPatch.context() as mais_vezes:
            for nome, chance in RARO.items():
                mais_vezes.setattr(assinantes, nome, chance)
            provedor.contagens = simular(**{**TAMANHO, **tamanho})
        db.session.remove()
    return provedor


@pytest.fixture(scope="module")
def provedor(servidores, url_modelo) -> Iterator[Provedor]:
    """Seed 1."""
    primeiro = carregar(servidores, url_modelo, "demo_1", seed=1)
    yield primeiro
    desligar(primeiro.app)


@pytest.fixture
def sql(provedor: Provedor):
    """Rows of a query on the loaded base."""
    with provedor.app.app_context():
        yield lambda consulta, **k: db.session.execute(text(consulta), k).all()
        db.session.remove()


def impressao_digital(app: Flask) -> dict[str, str]:
    """One digest a table, of all its columns but those that are drawn anew."""
    with app.app_context():
        return {tabela: _digerir(tabela) for tabela in TABELAS}


def _digerir(tabela: str) -> str:
    colunas = db.session.scalars(
        text("SELECT column_name FROM information_schema.columns WHERE table_name = :t AND table_schema = 'public' ORDER BY ordinal_position"), {"t": tabela}
    )
    lista = ", ".join(c for c in colunas if c not in FORA.get(tabela, ()))
    linhas = f"SELECT ROW({lista})::text AS linha FROM {tabela} {'WHERE resource = ANY(:t)' if tabela == 'user_audit_log' else ''}"
    return db.session.scalar(text(f"SELECT md5(coalesce(string_agg(linha, chr(10) ORDER BY linha), '')) FROM ({linhas}) t"), {"t": list(TABELAS)})


def test_the_same_seed_gives_the_same_base_and_another_seed_another(provedor: Provedor, servidores, url_modelo) -> None:
    igual = carregar(servidores, url_modelo, "demo_2", seed=1)
    outra = carregar(servidores, url_modelo, "demo_3", seed=2)
    esperada, digital, diferente = (impressao_digital(p.app) for p in (provedor, igual, outra))
    desligar(igual.app)
    desligar(outra.app)
    assert {t for t in TABELAS if digital[t] != esperada[t]} == set()
    de_sempre = {"empresa", "plano", "adicional", "pop", "servidor", "cliente_estacionado", "desbloqueio_confianca"}
    assert {t for t in TABELAS if diferente[t] == esperada[t]} <= de_sempre


def test_no_row_of_the_story_carries_the_wall_clock(sql) -> None:
    instantes = sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'"
        " AND table_name = ANY(:t)", t=list(TABELAS)
    )
    fim = dt.datetime.combine(HOJE + dt.timedelta(days=5), dt.time(), dt.UTC)
    tardios = {
        (t, c) for t, c in instantes
        if c not in FORA.get(t, ()) and sql(f"SELECT 1 FROM {t} WHERE {c} > :fim {DA_HISTORIA.get(t, '')} LIMIT 1", fim=fim, t=list(TABELAS))
    }
    assert tardios == set()


def test_a_demonstration_loaded_before_dawn_tells_nothing_that_did_not_happen_yet(servidores, url_modelo) -> None:
    agora = relogio.instante(HOJE, dt.time(4, 40))
    cedo = carregar(servidores, url_modelo, "demo_cedo", seed=1, clientes=30, meses=1, ate=agora)
    with cedo.app.app_context():
        instantes = db.session.execute(
            text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'"
                 " AND table_name = ANY(:t)"), {"t": list(TABELAS)})
        depois = {(t, c): db.session.scalar(text(f"SELECT count(*) FROM {t} WHERE {c} > :agora {DA_HISTORIA.get(t, '')}"), {"agora": agora, "t": list(TABELAS)})
                  for t, c in instantes if c not in FORA.get(t, ())}
        de_hoje = db.session.scalar(text("SELECT count(*) FROM evento WHERE em = :agora"), {"agora": agora})
    desligar(cedo.app)
    assert {coluna for coluna, quantos in depois.items() if quantos} <= PREVISTOS and de_hoje


def test_every_document_is_valid_and_of_its_kind_of_person(sql) -> None:
    clientes = sql("SELECT tipo_pessoa, cpf_cnpj FROM cliente")
    assert len(clientes) == TAMANHO["clientes"]
    assert all((cpf_valido if tipo == "PF" else cnpj_valido)(documento) for tipo, documento in clientes)
    assert {tipo for tipo, _d in clientes} == {"PF", "PJ"}


def test_addresses_lie_in_three_cities_with_their_own_ceps(sql) -> None:
    faixas = {"Araraquara": r"148\d{5}", "São Carlos": r"135[67]\d{4}", "Matão": r"1599\d{4}"}
    enderecos = sql("SELECT municipio, cep FROM endereco")
    assert {m for m, _c in enderecos} == set(faixas)
    assert all(re.fullmatch(faixas[m], c) for m, c in enderecos)


def test_payments_and_forgiven_and_balance_are_what_was_issued(sql) -> None:
    errados = sql("""
        SELECT i.numero FROM invoice i
          LEFT JOIN (SELECT invoice_id, sum(valor_total) AS total FROM item_invoice GROUP BY 1) x ON x.invoice_id = i.id
          LEFT JOIN (SELECT invoice_id, sum(valor_principal) AS pago, sum(valor_abatido) AS abatido FROM pagamento WHERE status = 'confirmado' GROUP BY 1) p
            ON p.invoice_id = i.id
          LEFT JOIN (SELECT (dados ->> 'invoice_id')::bigint AS invoice_id, sum((dados ->> 'valor')::numeric) AS abatido FROM evento
                      WHERE tipo = 'credito_aplicado' GROUP BY 1) c ON c.invoice_id = i.id
         WHERE i.status <> 'cancelada' AND (i.valor_total IS DISTINCT FROM x.total OR i.valor_pago <> coalesce(p.pago, 0)
            OR i.valor_abatido <> coalesce(p.abatido, 0) + coalesce(c.abatido, 0)
            OR (i.status = 'paga') <> (i.valor_total = i.valor_pago + i.valor_abatido))
    """)
    assert errados == []


def test_credit_that_was_used_is_in_the_bills(sql) -> None:
    usado = sql("""
        SELECT coalesce(sum(c.valor - c.saldo), 0) FROM credito c LEFT JOIN pagamento p ON p.id = c.pagamento_id
         WHERE p.status IS DISTINCT FROM 'estornado'
    """)
    nas_faturas = sql("""
        SELECT coalesce(-sum(x.valor_total), 0) FROM item_invoice x JOIN invoice i ON i.id = x.invoice_id
         WHERE x.tipo = 'credito' AND i.status <> 'cancelada'
    """)
    noutro_lugar = sql("SELECT coalesce(sum((dados ->> 'valor')::numeric), 0) FROM evento WHERE tipo IN ('credito_aplicado', 'credito_devolvido')")
    assert usado[0][0] == nas_faturas[0][0] + noutro_lugar[0][0]


def test_nothing_is_billed_while_a_contract_is_suspended(sql) -> None:
    pausas = """
        SELECT s.cliente_id, (s.dados ->> 'contrato_id')::bigint AS contrato_id, s.em AS de,
               coalesce((SELECT min(r.em) FROM evento r WHERE r.tipo = 'contrato_retomado' AND r.dados -> 'contrato_id' = s.dados -> 'contrato_id'
                            AND r.em > s.em), 'infinity') AS ate
          FROM evento s WHERE s.tipo = 'contrato_suspenso'"""
    assert sql(f"SELECT 1 FROM ({pausas}) p"), "the story has no pause"
    assert sql(f"""
        SELECT i.numero FROM ({pausas}) p JOIN item_invoice x ON x.contrato_id = p.contrato_id JOIN invoice i ON i.id = x.invoice_id
         WHERE x.tipo IN ('plano', 'servico') AND x.chave IS NOT NULL AND i.created_at > p.de AND i.created_at < p.ate
    """) == []


def test_some_customers_are_late_some_blocked_and_some_gone_with_a_reason(sql) -> None:
    (ativos, atrasados), = sql("""
        SELECT (SELECT count(DISTINCT cliente_id) FROM contrato WHERE status = 'ativo'),
               (SELECT count(DISTINCT cliente_id) FROM invoice WHERE status = 'vencida')
    """)
    assert Decimal("0.01") <= Decimal(atrasados) / ativos <= Decimal("0.20")
    (bloqueados, ja_bloqueados), = sql("SELECT count(*) FILTER (WHERE fim IS NULL), count(*) FROM bloqueio")
    assert bloqueados <= ativos // 8 and ja_bloqueados
    motivos = sql("SELECT motivo_cancelamento, count(*) FROM contrato WHERE status = 'cancelado' GROUP BY 1")
    assert motivos and all(m for m, _n in motivos)


def test_who_is_blocked_owes_and_was_told(sql) -> None:
    sem_razao = sql("""
        SELECT b.id FROM bloqueio b JOIN contrato c ON c.id = b.contrato_id
         WHERE b.fim IS NULL AND (b.aviso_hash IS NULL
            OR NOT EXISTS (SELECT 1 FROM invoice i WHERE i.cliente_id = c.cliente_id AND i.status = 'vencida'))
    """)
    assert sem_razao == []
    assert sql("SELECT a.id FROM acesso_rede a WHERE a.aplicado IS DISTINCT FROM a.desejado OR a.versao <> a.versao_aplicada OR a.servidor_id IS NULL") == []


def test_the_story_has_what_a_provider_meets(sql) -> None:
    (abertos, previstos, encerrados, estacionados, novos_meses), = sql("""
        SELECT count(*) FILTER (WHERE situacao = 'aberto'), count(*) FILTER (WHERE titulo LIKE 'Manutenção%'), count(*) FILTER (WHERE situacao = 'encerrado'),
               (SELECT count(*) FROM cliente_estacionado WHERE resolvido_em IS NULL),
               (SELECT count(DISTINCT date_trunc('month', data_inicio)) FROM contrato WHERE data_inicio >= '2026-05-01') FROM incidente
    """)
    assert (abertos, previstos, novos_meses) == (2, 1, TAMANHO["meses"] + 1)
    assert encerrados and estacionados
    pagos = dict(sql("SELECT CASE WHEN data_pagamento <= data_vencimento THEN 'antes' WHEN data_pagamento <= data_vencimento + 10 THEN 'logo'"
                     " ELSE 'tarde' END, count(*) FROM invoice WHERE status = 'paga' GROUP BY 1"))
    assert pagos["antes"] > pagos["logo"] > pagos["tarde"] > 0


def test_messages_have_their_text_and_nothing_is_left_for_workers(provedor: Provedor, sql) -> None:
    assert sql("SELECT 1 FROM notificacao WHERE status = 'pendente' OR (status = 'enviada' AND (corpo IS NULL OR assunto IS NULL)) LIMIT 1") == []
    assert sql("SELECT 1 FROM tarefa LIMIT 1") == []
    assert filas.fila("rapida").count == 0


def test_the_audit_of_each_month_lies_in_its_own_partition(sql) -> None:
    assert sql("SELECT 1 FROM user_audit_log_default LIMIT 1") == []
    (meses,), = sql("SELECT count(DISTINCT tableoid) FROM user_audit_log WHERE resource = ANY(:t)", t=list(TABELAS))
    assert meses == TAMANHO["meses"] + 1


def test_a_base_in_use_is_refused_with_a_sentence(provedor: Provedor) -> None:
    antes = impressao_digital(provedor.app)
    resposta = provedor.app.test_cli_runner().invoke(args=["crm", "demo", "--clientes", "5", "--meses", "1"])
    assert resposta.exit_code == 1
    assert "A base já tem clientes. A demonstração só é carregada em uma base vazia." in resposta.output
    assert impressao_digital(provedor.app) == antes


def test_a_story_that_is_interrupted_leaves_nothing(app_real: Flask) -> None:
    def parar(_texto: str) -> None:
        raise KeyboardInterrupt

    with app_real.app_context():
        with pytest.raises(KeyboardInterrupt):
            simular(clientes=20, meses=1, seed=1, hoje=HOJE, avisar=parar)
        contagens = text("SELECT (SELECT count(*) FROM cliente), (SELECT count(*) FROM invoice), (SELECT count(*) FROM plano)")
        assert db.session.execute(contagens).one() == (0, 0, 0)
        assert simular(clientes=3, meses=1, seed=1, hoje=HOJE)["clientes"] == 3
        with pytest.raises(BaseOcupada):
            simular(clientes=3, meses=1, seed=1, hoje=HOJE)
