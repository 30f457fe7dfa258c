"""On which server an access is: found when it is made, chosen by a person, missed when there is none."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.clientes.models import Endereco
from app.core.transacao import transacao
from app.rede.models import AcessoRede, Pop, Servidor
from app.rede.services import RedeService
from tests import fabricas as f


def um_servidor(s, nome: str, municipio: str | None = None, ativo: bool = True) -> int:
    pop = f.gravar(s, Pop(nome=f"POP {nome}", municipio=municipio, uf="SP")).id if municipio else None
    return f.gravar(s, Servidor(nome=nome, ip="10.0.0.1", pop_id=pop, ativo=ativo)).id


def novo_acesso(s, municipio: str = "Campinas") -> AcessoRede:
    """The access of a contract that had none, installed in ``municipio``."""
    contrato = f.um_contrato(s, faturar=False)
    s.delete(s.scalars(select(AcessoRede).where(AcessoRede.contrato_id == contrato.id)).one())
    endereco = s.scalars(select(Endereco).where(Endereco.cliente_id == contrato.cliente_id)).one()
    endereco.municipio, contrato.endereco_instalacao_id = municipio, endereco.id
    s.flush()
    return RedeService(s).garantir_acesso(contrato.id)


def test_a_new_access_takes_the_only_active_server_or_the_only_one_of_its_city(sessao) -> None:
    assert novo_acesso(sessao).servidor_id is None
    um_servidor(sessao, "Parado", ativo=False)
    unico = um_servidor(sessao, "Campinas", "Campinas")
    assert novo_acesso(sessao, "Valinhos").servidor_id == unico
    valinhos = um_servidor(sessao, "Valinhos", "Valinhos")
    assert [novo_acesso(sessao, m).servidor_id for m in ("campinas", "Valinhos", "Vinhedo")] == [unico, valinhos, None]
    um_servidor(sessao, "Valinhos 2", "Valinhos")
    assert novo_acesso(sessao, "Valinhos").servidor_id is None


@pytest.fixture
def casa(app, http) -> tuple[list[int], int]:
    """(two accesses without a server, a server), a technician signed in."""
    with app.app_context(), transacao() as s:
        servidor = um_servidor(s, "BRAS 1")
        acessos = [s.scalar(select(AcessoRede.id).where(AcessoRede.contrato_id == f.um_contrato(s, faturar=False).id)) for _n in range(2)]
        f.um_usuario(s, "Tecnico", usuario="tecnico")
    http.entrar("tecnico")
    return acessos, servidor


def test_an_access_without_a_server_says_so_and_has_a_tab_of_its_own(app, http, casa) -> None:
    (primeiro, segundo), servidor = casa
    assert "Sem servidor</span>" in http.get(f"/rede/acessos/show/{primeiro}").text
    with app.app_context(), transacao() as s:
        RedeService(s).mudar_servidor(primeiro, servidor_id=servidor, em=s.get(AcessoRede, primeiro).mudou_em)
    assert "Sem servidor</span>" not in http.get(f"/rede/acessos/show/{primeiro}").text
    lista = http.get("/rede/acessos/list/?_flt_2_servidor=sim").text
    assert f"/rede/acessos/show/{segundo}" in lista and f"/rede/acessos/show/{primeiro}" not in lista


def test_a_technician_chooses_the_server_of_one_access_or_of_the_marked_ones(app, http, casa) -> None:
    acessos, servidor = casa
    assert http.post(f"/rede/acessos/action/mudar_servidor/{acessos[0]}").location == f"/rede/acessos/servidor?ids={acessos[0]}"
    ida = http.post("/rede/acessos/action_post", data={"action": "mudar_servidor", "rowid": acessos}).location
    assert "BRAS 1" in http.get(ida).text and "servidor_id-erro" in http.post(ida, data={"servidor_id": "999999"}).text
    assert http.post(ida, data={"servidor_id": servidor}).status_code == 302
    with app.app_context(), transacao() as s:
        assert s.execute(select(AcessoRede.servidor_id, AcessoRede.versao).where(AcessoRede.id.in_(acessos))).all() == [(servidor, 2)] * 2
    assert http.get("/rede/acessos/servidor?ids=999999999").status_code == 404
