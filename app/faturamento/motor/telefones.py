"""By which telephones customers are told of an event, set-based: the texts switched on decide, and nobody is written to who said no.

A text of the event for WhatsApp or SMS that is switched on makes its messages; there is no other switch. WhatsApp goes to the customer's WhatsApp, SMS to
his mobile telephone (else to that WhatsApp). His newest statement about a channel and a purpose counts (LGPD art. 8 §5): a no keeps the channel silent,
unless it speaks only of what is not owed to him anyway, such as offers and surveys. Refused numbers (``opt_out``) are for whoever writes the rows.
"""

from __future__ import annotations

from collections.abc import Collection

import psycopg

LIGADOS = "SELECT canal FROM modelo_mensagem WHERE evento = %s AND ativo AND canal IN ('whatsapp', 'sms') ORDER BY canal DESC"
FACULTATIVO = "ofert|promo|pesquis|market|publici|propag|novidad"
MOVEL = "^[1-9][0-9]9[0-9]{8}$"
NUMEROS = """
WITH negados AS (
    SELECT cliente_id, canal FROM (
        SELECT DISTINCT ON (cliente_id, canal, lower(finalidade)) cliente_id, canal, concedido FROM consentimento
         WHERE cliente_id = ANY(%(clientes)s) AND finalidade !~* %(facultativo)s ORDER BY cliente_id, canal, lower(finalidade), id DESC) x
     WHERE NOT concedido
), numeros AS (
    SELECT c.id, k.canal, k.n, CASE WHEN k.canal = 'whatsapp' THEN c.whatsapp WHEN c.telefone ~ %(movel)s THEN c.telefone
                                    WHEN c.whatsapp ~ %(movel)s THEN c.whatsapp END AS numero
      FROM cliente c CROSS JOIN unnest(%(canais)s::text[]) WITH ORDINALITY AS k(canal, n) WHERE c.id = ANY(%(clientes)s)
)
SELECT id, canal, numero FROM numeros WHERE numero <> '' AND NOT EXISTS (SELECT 1 FROM negados x WHERE x.cliente_id = numeros.id AND x.canal = numeros.canal)
 ORDER BY id, n
"""


def telefones_de(c: psycopg.Cursor, evento: str, clientes: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """customer → (channel's name, number) by which he is told of ``evento``. One query while no text is switched on, two otherwise, for any number."""
    canais = [linha[0] for linha in c.execute(LIGADOS, [evento]).fetchall()]
    achados: dict[int, list[tuple[str, str]]] = {}
    if canais and clientes:
        fatos = {"clientes": list(clientes), "canais": canais, "facultativo": FACULTATIVO, "movel": MOVEL}
        for cliente_id, canal, numero in c.execute(NUMEROS, fatos).fetchall():
            achados.setdefault(cliente_id, []).append((canal, numero))
    return achados
