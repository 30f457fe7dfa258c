"""The provider itself: company, what it sells, its network and what happens to it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import configuracao, relogio
from app.core.models import Empresa
from app.demonstracao import comportamento as c
from app.demonstracao.historia import Historia, Opcional, PlanoVendido
from app.demonstracao.pessoas import BAIRROS, CIDADES
from app.planos.models import Adicional, Plano
from app.rede.estados import SituacaoIncidente
from app.rede.models import Incidente, Pop, Servidor
from app.rede.services import RedeService

QUEDAS = ("Rompimento de fibra", "Queda de energia no POP", "Poste abalroado", "Falha em equipamento OLT")
ENTRE_QUEDAS = 45      # days, on the average


def preparar(sessao: Session, historia: Historia) -> None:
    """Company (unless there is one), plans, additional services, a site with an access server in each city."""
    if sessao.scalar(select(Empresa.id).limit(1)) is None:
        sessao.add(_empresa())
    configuracao.gravar(sessao, "faturamento.aviso_sem_envio", True)      # nothing of the demonstration leaves, and its late customers are blocked
    planos = [
        Plano(nome=nome, download_mbps=baixa, upload_mbps=sobe, preco=Decimal(preco), fidelidade_meses=12) for nome, baixa, sobe, preco, _peso in c.PLANOS
    ]
    adicionais = [Adicional(nome=nome, preco=Decimal(preco)) for nome, preco in c.ADICIONAIS]
    pops = [Pop(nome=f"POP {cidade.nome}", municipio=cidade.nome, uf=cidade.uf) for cidade in CIDADES]
    sessao.add_all([*planos, *adicionais, *pops])
    sessao.flush()
    sessao.add_all([Servidor(nome=f"Concentrador {p.municipio}", pop_id=p.id, ip=f"192.0.2.{n}") for n, p in enumerate(pops, 1)])
    sessao.flush()
    historia.planos = [PlanoVendido(p.id, p.preco, linha[4]) for p, linha in zip(planos, c.PLANOS, strict=True)]
    historia.opcionais = [Opcional(a.id, a.preco) for a in adicionais]


def _empresa() -> Empresa:
    return Empresa(
        razao_social="Rede Ipê Telecomunicações Ltda", nome_fantasia="Rede Ipê", cnpj="11222333000181", email="financeiro@redeipe.exemplo.com.br",
        telefone="1633221000", cep="14801000", logradouro="Avenida das Fibras", numero="1000", bairro="Centro", municipio="Araraquara", uf="SP",
        chave_pix="financeiro@redeipe.exemplo.com.br",
    )


def acontecer(sessao: Session, historia: Historia, dia: dt.date) -> None:
    """Outages come now and then and end the same day; the last one still goes on, and a maintenance is announced for tomorrow."""
    if dia == historia.hoje:
        _ultimo_dia(sessao, historia, dia)
    elif historia.sorteio.random() < 1 / ENTRE_QUEDAS:
        queda = _queda(sessao, historia, dia)
        RedeService(sessao).encerrar_incidente(queda.id, em=queda.inicio + dt.timedelta(minutes=historia.sorteio.randint(40, 420)))


def _queda(sessao: Session, historia: Historia, dia: dt.date) -> Incidente:
    sorteio = historia.sorteio
    cidade, bairro, titulo = sorteio.choice(CIDADES), sorteio.choice(BAIRROS), sorteio.choice(QUEDAS)
    inicio = historia.instante(dia, dt.time(6, 20))
    queda = Incidente(
        titulo=f"{titulo} – {bairro}", descricao="Equipe em deslocamento.", municipio=cidade.nome, bairro=bairro, inicio=inicio,
        previsao=inicio + dt.timedelta(hours=4),
    )
    sessao.add(queda)
    sessao.flush()
    return queda


def _ultimo_dia(sessao: Session, historia: Historia, dia: dt.date) -> None:
    _queda(sessao, historia, dia)
    pop = sessao.scalars(select(Pop).order_by(Pop.id).limit(1)).one()
    amanha = relogio.instante(dia + dt.timedelta(days=1), dt.time(2))
    sessao.add(Incidente(
        titulo=f"Manutenção programada – {pop.nome}", descricao="Troca das baterias do retificador; quedas de até 15 minutos.", pop_id=pop.id,
        situacao=SituacaoIncidente.aberto, inicio=amanha, previsao=amanha + dt.timedelta(hours=3),
    ))
    sessao.flush()
