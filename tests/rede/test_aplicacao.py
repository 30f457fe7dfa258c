"""What is desired becomes so: once, releases first, however servers fail and workers die."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import select, update

from app.core import relogio, tarefas
from app.core.erros import ValorInvalido
from app.core.execucao import rodar
from app.core.models import Tarefa
from app.core.transacao import transacao
from app.extensions import db
from app.notificacoes.models import Notificacao
from app.rede import aplicacao, controladores
from app.rede.controladores import Alvo, ControladorRede, FalhaRede
from app.rede.estados import EstadoAcesso as E
from app.rede.estados import TipoServidor as T
from app.rede.models import AcessoRede, EventoRede, Servidor
from app.rede.services import RedeService
from tests import fabricas as f

EM = relogio.instante(dt.date(2026, 3, 2))


class Roteador(ControladorRede):
    """Equipment in memory that speaks the driver's interface."""

    ordens: list[list[Alvo]] = []
    recusas: dict[int, FalhaRede] = {}
    quedas: dict[int | None, Exception] = {}
    durante = staticmethod(lambda: None)

    def aplicar(self, alvos: Sequence[Alvo]) -> Mapping[int, FalhaRede | None]:
        """Remember, then answer as told."""
        assert not db.session().in_transaction(), "a transaction was open while the router was asked"
        Roteador.ordens.append(list(alvos))
        Roteador.durante()
        if queda := Roteador.quedas.get(self.servidor.id):
            raise queda
        return {a.acesso_id: Roteador.recusas.get(a.acesso_id) for a in alvos}


@pytest.fixture
def rede(app_real):
    """An application whose simulated servers are the router above."""
    Roteador.ordens, Roteador.recusas, Roteador.quedas, Roteador.durante = [], {}, {}, staticmethod(lambda: None)
    with app_real.app_context():
        controladores.usar(T.simulado, Roteador)
        yield app_real


def um_servidor(sessao, nome: str = "BRAS") -> Servidor:
    """An access server."""
    return f.gravar(sessao, Servidor(nome=nome, ip="10.0.0.1"))


def pedir(desejado: E = E.bloqueado, servidor_id: int | None = None, em: dt.datetime = EM) -> int:
    """A contract whose access must change; returns the access."""
    with transacao() as sessao:
        contrato = f.um_contrato(sessao, faturar=False)
        acesso = RedeService(sessao).garantir_acesso(contrato.id)
        acesso.servidor_id = servidor_id
        RedeService(sessao).definir(contrato.id, desejado, em=em)
        return acesso.id


def aplicar() -> str:
    """Run the job once."""
    with transacao() as sessao:
        tarefa_id = tarefas.agendar(sessao, "aplicar_rede")
    return rodar(tarefa_id)


def ler(acesso_id: int) -> AcessoRede:
    """The access as stored."""
    with transacao() as sessao:
        acesso = sessao.get(AcessoRede, acesso_id, populate_existing=True)
        sessao.expunge(acesso)
        return acesso


def servidor(servidor_id: int) -> Servidor:
    """The server as stored."""
    with transacao() as sessao:
        s = sessao.get(Servidor, servidor_id, populate_existing=True)
        sessao.expunge(s)
        return s


def vencer(acesso_id: int) -> None:
    """The waiting time and the lease are over."""
    with transacao() as sessao:
        passado = relogio.agora() - dt.timedelta(seconds=1)
        sessao.execute(update(AcessoRede).where(AcessoRede.id == acesso_id).values(proxima=passado, reservado_ate=None))


def test_what_is_desired_is_applied_once_and_written_down(rede) -> None:
    acesso_id = pedir()
    assert aplicar() == "feita"
    aplicar()
    acesso = ler(acesso_id)
    assert (acesso.aplicado, acesso.versao_aplicada, acesso.reservado_ate, acesso.erro) == (E.bloqueado, acesso.versao, None, None)
    assert [len(o) for o in Roteador.ordens] == [1]
    with transacao() as sessao:
        assert sessao.execute(select(EventoRede.acao, EventoRede.ok)).all() == [("bloqueado", True)]


def test_releases_go_before_blocks(rede) -> None:
    with transacao() as sessao:
        servidor_id = um_servidor(sessao).id
    pedir(E.bloqueado, servidor_id, EM)
    pedir(E.reduzido, servidor_id, EM)
    with transacao() as sessao:
        contrato = f.um_contrato(sessao, faturar=False)
        acesso = RedeService(sessao).garantir_acesso(contrato.id)
        acesso.servidor_id, acesso.aplicado, acesso.versao, acesso.desejado = servidor_id, E.bloqueado, 2, E.bloqueado
        RedeService(sessao).definir(contrato.id, E.liberado, em=EM + dt.timedelta(hours=1))
    aplicar()
    assert [a.desejado for a in Roteador.ordens[0]] == [E.liberado, E.bloqueado, E.reduzido]


def test_without_a_server_the_simulated_one_obeys(rede) -> None:
    acesso_id = pedir(servidor_id=None)
    aplicar()
    assert ler(acesso_id).aplicado is E.bloqueado


def test_a_refused_order_waits_longer_each_time(rede) -> None:
    acesso_id = pedir()
    Roteador.recusas = {acesso_id: FalhaRede("ocupado")}
    for esperado in (30, 60, 120):
        antes = relogio.agora()
        aplicar()
        acesso = ler(acesso_id)
        assert acesso.erro == "ocupado" and acesso.versao_aplicada < acesso.versao
        assert abs((acesso.proxima - antes).total_seconds() - esperado) < 5
        vencer(acesso_id)
    Roteador.recusas = {}
    aplicar()
    assert (ler(acesso_id).aplicado, ler(acesso_id).tentativas, ler(acesso_id).erro) == (E.bloqueado, 0, None)


def test_a_permanent_refusal_waits_a_day(rede) -> None:
    acesso_id = pedir()
    Roteador.recusas = {acesso_id: FalhaRede("perfil inexistente", temporaria=False)}
    aplicar()
    assert ler(acesso_id).proxima > relogio.agora() + dt.timedelta(hours=23)


def test_a_permanent_refusal_rings_the_administrators_bell_once(rede) -> None:
    with transacao() as sessao:
        chefe = f.um_usuario(sessao, "Admin").id
    acesso_id = pedir()
    Roteador.recusas = {acesso_id: FalhaRede("perfil inexistente", temporaria=False)}
    aplicar()
    vencer(acesso_id)
    aplicar()
    with transacao() as sessao:
        avisos = sessao.execute(select(Notificacao.usuario_id, Notificacao.evento, Notificacao.dados["motivo"].astext)).all()
    assert avisos == [(chefe, "acesso_recusado", "perfil inexistente")]


def test_a_silent_server_pauses_and_does_not_delay_the_others(rede) -> None:
    with transacao() as sessao:
        mudo, bom = um_servidor(sessao, "Mudo").id, um_servidor(sessao, "Bom").id
    Roteador.quedas = {mudo: FalhaRede("sem resposta")}
    do_mudo, do_bom = pedir(servidor_id=mudo), pedir(servidor_id=bom)
    aplicar()
    assert (ler(do_mudo).aplicado, ler(do_bom).aplicado) == (None, E.bloqueado)
    assert servidor(mudo).ultimo_erro == "sem resposta" and servidor(mudo).pausado_ate > relogio.agora()
    assert servidor(bom).ultimo_contato_em is not None
    vencer(do_mudo)
    chamadas = len(Roteador.ordens)
    aplicar()
    assert len(Roteador.ordens) == chamadas, "a server that pauses is not asked"


def test_a_servers_outage_costs_the_customers_no_tries_and_no_lines_of_history(rede) -> None:
    with transacao() as sessao:
        mudo = um_servidor(sessao, "Mudo").id
    Roteador.quedas = {mudo: FalhaRede("sem resposta")}
    acesso_id = pedir(servidor_id=mudo)
    for _vez in range(3):
        aplicar()
        assert (ler(acesso_id).tentativas, ler(acesso_id).reservado_ate, ler(acesso_id).erro) == (0, None, "sem resposta")
        with transacao() as sessao:
            sessao.get(Servidor, mudo).pausado_ate = None
    Roteador.quedas = {}
    aplicar()
    assert (ler(acesso_id).aplicado, ler(acesso_id).erro) == (E.bloqueado, None)
    with transacao() as sessao:
        assert sessao.scalars(select(EventoRede.ok)).all() == [True]


def test_the_circuit_closes_when_the_server_answers_again(rede) -> None:
    with transacao() as sessao:
        servidor_id = um_servidor(sessao).id
    Roteador.quedas = {servidor_id: FalhaRede("sem resposta")}
    acesso_id = pedir(servidor_id=servidor_id)
    aplicar()
    Roteador.quedas = {}
    vencer(acesso_id)
    with transacao() as sessao:
        sessao.execute(update(Servidor).values(pausado_ate=relogio.agora() - dt.timedelta(seconds=1)))
    aplicar()
    assert ler(acesso_id).aplicado is E.bloqueado and servidor(servidor_id).pausado_ate is None and servidor(servidor_id).ultimo_erro is None


def test_a_bug_of_a_driver_costs_a_try_and_not_the_claim(rede) -> None:
    acesso_id = pedir()
    Roteador.quedas = {None: KeyError("resposta inesperada")}
    assert aplicar() == "feita"
    acesso = ler(acesso_id)
    assert acesso.reservado_ate is None and acesso.tentativas == 1 and "KeyError" in acesso.erro


def test_a_desire_that_changes_during_the_call_is_carried_out_too(rede) -> None:
    acesso_id = pedir(E.bloqueado)

    def pagou() -> None:
        if len(Roteador.ordens) == 1:
            with transacao() as sessao:
                RedeService(sessao).definir(sessao.get(AcessoRede, acesso_id).contrato_id, E.liberado, em=EM)

    Roteador.durante = staticmethod(pagou)
    aplicar()
    assert [o[0].desejado for o in Roteador.ordens] == [E.bloqueado, E.liberado]
    acesso = ler(acesso_id)
    assert (acesso.aplicado, acesso.versao_aplicada) == (E.liberado, acesso.versao)


def test_a_failure_does_not_delay_a_desire_that_changed_meanwhile(rede) -> None:
    acesso_id = pedir(E.bloqueado)
    Roteador.recusas = {acesso_id: FalhaRede("ocupado")}

    def pagou() -> None:
        Roteador.recusas = {} if len(Roteador.ordens) > 1 else Roteador.recusas
        if len(Roteador.ordens) == 1:
            with transacao() as sessao:
                RedeService(sessao).definir(sessao.get(AcessoRede, acesso_id).contrato_id, E.liberado, em=EM)

    Roteador.durante = staticmethod(pagou)
    aplicar()
    assert ler(acesso_id).aplicado is E.liberado


def test_who_was_too_slow_asks_for_the_newest_order_again(rede) -> None:
    acesso_id = pedir(E.bloqueado)
    with transacao() as sessao:
        (lento,) = aplicacao.reservar(sessao)
    vencer(acesso_id)
    with transacao() as sessao:
        RedeService(sessao).definir(ler(acesso_id).contrato_id, E.liberado, em=EM)
    aplicar()
    antes = ler(acesso_id)
    with transacao() as sessao:
        aplicacao.anotar(sessao, lento, {acesso_id: None})
    depois = ler(acesso_id)
    assert depois.aplicado is E.liberado and depois.versao == antes.versao + 1 > depois.versao_aplicada


def test_two_workers_never_claim_the_same_access(rede) -> None:
    pedir()
    with transacao() as sessao:
        assert len(aplicacao.reservar(sessao)) == 1
    with transacao() as sessao:
        assert aplicacao.reservar(sessao) == []


def test_a_dead_worker_is_replaced_when_its_lease_ends(rede) -> None:
    acesso_id = pedir()
    with transacao() as sessao:
        aplicacao.reservar(sessao)
    aplicar()
    assert ler(acesso_id).aplicado is None
    with transacao() as sessao:
        sessao.execute(update(AcessoRede).values(reservado_ate=relogio.agora() - dt.timedelta(seconds=1)))
    aplicar()
    assert ler(acesso_id).aplicado is E.bloqueado


@pytest.mark.parametrize("tipo", [T.radius, T.routeros])
def test_a_kind_without_driver_is_refused_in_words(sessao, tipo) -> None:
    with pytest.raises(ValorInvalido) as recusa:
        controladores.exigir_disponivel(tipo)
    assert recusa.value.campo == "tipo" and "Simulado" in str(recusa.value)
    with pytest.raises(FalhaRede) as falha:
        controladores.controlador(controladores.DadosServidor(1, "x", tipo))
    assert not falha.value.temporaria


def test_the_simulated_driver_puts_everything_in_place(sessao) -> None:
    simulado = controladores.controlador(aplicacao.SEM_SERVIDOR)
    alvos = [Alvo(n, n, f"c{n}", "plano", E.bloqueado, 1) for n in (1, 2)]
    assert simulado.aplicar(alvos) == {1: None, 2: None}


def test_a_quiet_copy_asks_nothing(rede) -> None:
    acesso_id = pedir()
    rede.config["EFEITOS_EXTERNOS"] = False
    assert aplicar() == "pendente"
    assert ler(acesso_id).aplicado is None and Roteador.ordens == []
    with transacao() as sessao:
        assert sessao.scalar(select(Tarefa.tentativas).where(Tarefa.nome == "aplicar_rede").order_by(Tarefa.id.desc())) == 0
