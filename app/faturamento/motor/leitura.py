"""Set-based reads of a lot as plain rows, on the session's own connection (same transaction, no entities)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg
from sqlalchemy.orm import Session

from app.faturamento.regras import DadosCiclo, DadosContrato, DadosCredito, DadosItem, DadosLancamento, Fatura, periodos

DEVIDOS = """
SELECT cf.id, cf.cliente_id, cf.dia_vencimento, ci.meses, ci.dias, cf.proximo_vencimento, cl.nome, cl.cpf_cnpj, cl.email
  FROM ciclo_faturamento cf JOIN cliente cl ON cl.id = cf.cliente_id JOIN ciclo ci ON ci.id = cf.ciclo_id
 WHERE cf.ativo AND cf.estacionado_em IS NULL AND cf.proximo_vencimento <= %(ate)s
"""
DO_CLIENTE = " AND cf.cliente_id = %(cliente_id)s"
DO_CICLO = " AND cf.id = %(ciclo_id)s"
DEPOIS_DO_CLIENTE = " AND cf.cliente_id > %(depois)s"
ORDEM = " ORDER BY cf.proximo_vencimento, cf.id LIMIT %(limite)s"
ORDEM_POR_CLIENTE = " ORDER BY cf.cliente_id, cf.proximo_vencimento, cf.id LIMIT %(limite)s"
TRAVA = " FOR NO KEY UPDATE OF cl, cf SKIP LOCKED"
CONTRATOS = """
SELECT cc.ciclo_faturamento_id, c.id, c.plano_id, p.nome, c.preco, c.desconto, c.desconto_ate, c.cobranca = 'antecipada',
       greatest(c.data_inicio, cc.desde), c.data_fim, c.empresa_id, cc.atrasado
  FROM contrato_ciclo cc JOIN contrato c ON c.id = cc.contrato_id JOIN plano p ON p.id = c.plano_id
 WHERE cc.ciclo_faturamento_id = ANY(%s::bigint[]) AND c.status = 'ativo' ORDER BY c.id
"""
ITENS = """
SELECT i.id, i.contrato_id, a.nome, i.quantidade, i.preco, i.de, i.ate, i.atrasado
  FROM contrato_item i JOIN adicional a ON a.id = i.adicional_id WHERE i.contrato_id = ANY(%s::bigint[]) AND (i.ate IS NULL OR i.ate >= %s OR i.atrasado)
 ORDER BY i.id
"""
COBRADOS = """
SELECT contrato_id, tipo, periodo_inicio, chave FROM item_invoice
 WHERE contrato_id = ANY(%s::bigint[]) AND periodo_inicio >= %s AND tipo IN ('plano', 'servico') AND situacao <> 'devolvida'
"""
LANCAMENTOS = """
SELECT l.cliente_id, cc.ciclo_faturamento_id, l.a_partir_de, l.id, l.contrato_id, l.tipo = 'acrescimo', l.item_tipo, l.descricao, l.valor,
       l.parcela, l.parcelas
  FROM lancamento l LEFT JOIN (contrato_ciclo cc JOIN ciclo_faturamento f ON f.id = cc.ciclo_faturamento_id AND f.ativo) ON cc.contrato_id = l.contrato_id
 WHERE l.status = 'aberto' AND l.cliente_id = ANY(%s::bigint[]) AND l.a_partir_de <= %s ORDER BY l.id
"""
LANCAMENTOS_POR_ID = """
SELECT id, contrato_id, tipo = 'acrescimo', item_tipo, descricao, valor, parcela, parcelas FROM lancamento
 WHERE status = 'aberto' AND id = ANY(%s::bigint[]) ORDER BY id
"""
PRIMEIROS = "SELECT cliente_id, min(id) FROM ciclo_faturamento WHERE ativo AND cliente_id = ANY(%s::bigint[]) GROUP BY cliente_id"
CREDITOS = "SELECT cliente_id, id, saldo, motivo FROM credito WHERE saldo > 0 AND automatico AND cliente_id = ANY(%s::bigint[]) ORDER BY id"
ENDERECOS = """
SELECT DISTINCT ON (cliente_id) cliente_id,
       concat_ws(' – ', logradouro || ', ' || numero, nullif(complemento, ''), nullif(bairro, ''), municipio || '/' || uf,
                 'CEP ' || substr(nullif(cep, ''), 1, 5) || '-' || substr(cep, 6))
  FROM endereco WHERE cliente_id = ANY(%s::bigint[]) ORDER BY cliente_id, tipo, id
"""
VIVOS = """
SELECT DISTINCT cc.ciclo_faturamento_id FROM contrato_ciclo cc JOIN contrato c ON c.id = cc.contrato_id
 WHERE cc.ciclo_faturamento_id = ANY(%s::bigint[]) AND c.status <> 'cancelado'
"""
ESPERANDO = "SELECT DISTINCT cliente_id FROM lancamento WHERE status = 'aberto' AND cliente_id = ANY(%s::bigint[])"


class Devido(NamedTuple):
    """A cycle whose next invoice is due to be issued, and whom it is for."""

    ciclo: DadosCiclo
    nome: str
    documento: str
    email: str | None


@dataclass
class Contexto:
    """What the rules need for a lot, by id. ``consumir`` keeps it true while several invoices of one customer are calculated."""

    contratos: dict[int, list[DadosContrato]] = field(default_factory=lambda: defaultdict(list))
    itens: dict[int, list[DadosItem]] = field(default_factory=lambda: defaultdict(list))
    cobrados: set[tuple[str, int, dt.date]] = field(default_factory=set)
    lancamentos: dict[int, list[tuple[dt.date, DadosLancamento]]] = field(default_factory=lambda: defaultdict(list))
    creditos: dict[int, list[DadosCredito]] = field(default_factory=lambda: defaultdict(list))
    enderecos: dict[int, str] = field(default_factory=dict)

    def lancamentos_de(self, ciclo: DadosCiclo) -> list[DadosLancamento]:
        """One-off charges that belong into the cycle's invoice of this due date."""
        return [linha for desde, linha in self.lancamentos.get(ciclo.id, ()) if desde <= ciclo.vencimento]

    def atrasados(self, ciclos: Iterable[DadosCiclo]) -> list[int]:
        """The contracts of these cycles whose first days, or a service's, come late."""
        contratos = (x for ciclo in ciclos for x in self.contratos.get(ciclo.id, ()))
        return [x.id for x in contratos if x.atrasado or any(i.atrasado for i in self.itens.get(x.id, ()))]

    def consumir(self, ciclo: DadosCiclo, fatura: Fatura) -> None:
        """What ``fatura`` has used is not there for the next one."""
        if fatura.lancamentos:
            restos, usados = dict(fatura.divididos), dict(fatura.lancamentos)
            linhas = ((desde, x._replace(valor=restos[x.id]) if x.id in restos else x) for desde, x in self.lancamentos[ciclo.id])
            self.lancamentos[ciclo.id] = [(desde, x) for desde, x in linhas if x.id not in usados or x.id in restos]
        if fatura.creditos:
            usados = dict(fatura.creditos)
            restantes = (x._replace(saldo=x.saldo - usados.get(x.id, 0)) for x in self.creditos[ciclo.cliente_id])
            self.creditos[ciclo.cliente_id] = [x for x in restantes if x.saldo > 0]


def vetor(valores: Iterable[object]) -> str:
    """Numbers or dates as the text of an array: the driver's own way looks at each element with a regular expression."""
    return "{" + ",".join(map(str, valores)) + "}"


def cursor(sessao: Session) -> psycopg.Cursor:
    """A cursor of the driver inside the session's transaction."""
    sessao.flush()
    return sessao.connection().connection.driver_connection.cursor()


def ler_devidos(c: psycopg.Cursor, sql: str, **parametros: Any) -> list[Devido]:
    """Cycles due, as ``sql`` (DEVIDOS and its endings) chooses them."""
    return [Devido(DadosCiclo(*linha[:6]), *linha[6:]) for linha in c.execute(DEVIDOS + sql, parametros).fetchall()]


def ler_contexto(c: psycopg.Cursor, ciclos: Sequence[DadosCiclo], *, ate: dt.date | None = None) -> Contexto:
    """Everything the invoices of these cycles need, in a handful of queries whatever their number.

    ``ate`` is the last due date that will be calculated (default: the present one of each).
    """
    contexto = Contexto()
    clientes = vetor({x.cliente_id for x in ciclos})
    for linha in c.execute(CONTRATOS, [vetor(x.id for x in ciclos)]).fetchall():
        contexto.contratos[linha[0]].append(DadosContrato._make(linha[1:]))
    desde = min(periodos(x.vencimento, x.dia, x.meses, x.dias).anterior.inicio for x in ciclos)
    _ler_itens(c, contexto, desde)
    _ler_lancamentos(c, contexto, clientes, ate or max(x.vencimento for x in ciclos))
    for cliente_id, *credito in c.execute(CREDITOS, [clientes]).fetchall():
        contexto.creditos[cliente_id].append(DadosCredito(*credito))
    contexto.enderecos.update(c.execute(ENDERECOS, [clientes]).fetchall())
    return contexto


def _ler_itens(c: psycopg.Cursor, contexto: Contexto, desde: dt.date) -> None:
    contratos = [x for lista in contexto.contratos.values() for x in lista]
    for linha in c.execute(ITENS, [vetor(x.id for x in contratos), desde]).fetchall():
        contexto.itens[linha[1]].append(DadosItem._make(linha))
    itens = [x for lista in contexto.itens.values() for x in lista]
    comecos = {x.id: x.inicio for x in contratos}
    novos = {x.id: x.inicio for x in contratos if x.inicio >= desde or x.atrasado}
    for x in itens:
        if x.de >= desde or x.atrasado:
            novos[x.contrato_id] = min(novos.get(x.contrato_id, x.de), max(x.de, comecos[x.contrato_id]))
    if novos:
        contexto.cobrados = ler_cobrados(c, novos, min(desde, *novos.values()))


def ler_cobrados(c: psycopg.Cursor, contratos: Collection[int], desde: dt.date) -> set[tuple[str, int, dt.date]]:
    """Which first days of plan and additional services were billed already; a cancelled invoice has billed them, until it is issued again."""
    cobrados = set()
    for contrato_id, tipo, inicio, chave in c.execute(COBRADOS, [vetor(contratos), desde]):
        if tipo == "plano":
            cobrados.add(("plano", contrato_id, inicio))
        elif chave and ":item:" in chave:
            cobrados.add(("item", int(chave.split(":")[2]), inicio))
    return cobrados


def _ler_lancamentos(c: psycopg.Cursor, contexto: Contexto, clientes: str, ate: dt.date) -> None:
    """Those of a contract go to its cycle, those of the customer to the first of his cycles."""
    linhas = c.execute(LANCAMENTOS, [clientes, ate]).fetchall()
    sem_ciclo = [linha[0] for linha in linhas if linha[1] is None]
    primeiros = dict(c.execute(PRIMEIROS, [vetor(sem_ciclo)]).fetchall()) if sem_ciclo else {}
    for cliente_id, ciclo_id, desde, *resto in linhas:
        contexto.lancamentos[ciclo_id or primeiros.get(cliente_id, 0)].append((desde, DadosLancamento(*resto)))


def sem_futuro(c: psycopg.Cursor, vazios: Sequence[DadosCiclo]) -> list[int]:
    """Cycles, of those without an active contract, that nothing can be billed in any more: every contract ended and nothing waits."""
    if not vazios:
        return []
    vivos = {linha[0] for linha in c.execute(VIVOS, [vetor(x.id for x in vazios)])}
    esperando = {linha[0] for linha in c.execute(ESPERANDO, [vetor(x.cliente_id for x in vazios)])}
    return [x.id for x in vazios if x.id not in vivos and x.cliente_id not in esperando]
